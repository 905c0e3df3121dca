// Finds where a controller is mounted, then reads limit and use from the process's group upwards.
#include "live/machine/cgroup_files.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include "live/machine/proc_text.hpp"
#include "model/machine/cgroup_membership.hpp"

namespace netlimits::live {
namespace {

constexpr std::size_t deepest = 64;

// Where a hierarchy is mounted, and which of its groups the mount shows at its top.
struct Hierarchy {
  std::string mounted_at;
  std::string root;
};

// /proc/self/mountinfo: id, parent, device, root, mount point, options, optional fields, "-", type, source, options.
std::optional<Hierarchy> hierarchy_of(const std::string& mounts, bool unified, const std::string& controller) {
  std::istringstream lines(mounts);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string skipped;
    Hierarchy found;
    words >> skipped >> skipped >> skipped >> found.root >> found.mounted_at;
    while (words >> skipped && skipped != "-") {
    }
    std::string type;
    std::string options;
    words >> type >> skipped >> options;
    if (unified ? type != "cgroup2" : type != "cgroup") continue;
    if (unified || ("," + options + ",").find("," + controller + ",") != std::string::npos) return found;
  }
  return std::nullopt;
}

struct FileNames {
  const char* limit;
  const char* used;
};

class Reader {
 public:
  explicit Reader(CgroupTexts& texts) : texts_(texts) {
    if (auto mounts = read_text("/proc/self/mountinfo")) mounts_ = std::move(*mounts);
  }

  // From the group up to the top of the mount. Whether the controller was there at all; the very root has no limit.
  bool read(const CgroupMembership& membership, const std::string& controller, const FileNames& names,
            std::vector<CollectedCgroup>& into) {
    const auto hierarchy = hierarchy_of(mounts_, membership.unified, controller);
    if (!hierarchy) return false;
    std::string path = membership.path;
    if (hierarchy->root != "/") {
      if (!path.starts_with(hierarchy->root)) {
        texts_.not_determined.push_back("limits of the control group " + path + " for " + controller +
                                        ": it lies outside what is mounted here");
        return true;
      }
      path = path.substr(hierarchy->root.size());
    }
    if (path.find("/..") != std::string::npos) {
      texts_.not_determined.push_back("limits of the control group " + path + " for " + controller +
                                      ": it lies outside this control-group namespace");
      return true;
    }
    for (std::size_t depth = 0; depth < deepest; ++depth) {
      const std::string directory = hierarchy->mounted_at + (path == "/" ? "" : path);
      read_group(directory, path.empty() ? "/" : path, names, into);
      if (path.empty() || path == "/") break;
      path.resize(path.rfind('/'));
    }
    return true;
  }

 private:
  static void read_group(const std::string& directory, const std::string& path, const FileNames& names,
                         std::vector<CollectedCgroup>& into) {
    const std::string limit_file = directory + "/" + names.limit;
    const std::string used_file = directory + "/" + names.used;
    auto limit = read_text(limit_file);
    auto used = read_text(used_file);
    if (!limit || !used) return;
    into.push_back({path, {limit_file, std::move(*limit)}, {used_file, std::move(*used)}});
  }

  CgroupTexts& texts_;
  std::string mounts_;
};

}  // namespace

CgroupTexts read_cgroups(const std::string& memberships) {
  CgroupTexts texts;
  const auto groups = parse_cgroup_memberships(memberships);
  if (!groups) return texts;  // whoever reads the text again says what is wrong with it
  Reader reader(texts);
  const auto read_one = [&](const char* controller, const FileNames& first, const FileNames& second,
                            std::vector<CollectedCgroup>& into) {
    bool found = false;
    for (const CgroupMembership& group : *groups) {
      const bool named =
          std::find(group.controllers.begin(), group.controllers.end(), controller) != group.controllers.end();
      if (found || (!group.unified && !named)) continue;
      found = reader.read(group, controller, group.unified ? second : first, into);
    }
    if (!found)
      texts.not_determined.push_back(std::string("limits of a control group for ") + controller +
                                     ": no such controller is to be seen here");
  };
  read_one("memory", {"memory.limit_in_bytes", "memory.usage_in_bytes"}, {"memory.max", "memory.current"},
           texts.memory);
  read_one("pids", {"pids.max", "pids.current"}, {"pids.max", "pids.current"}, texts.processes);
  return texts;
}

}  // namespace netlimits::live
