#include "model/machine/cgroup_membership.hpp"

#include <algorithm>
#include <utility>

namespace netlimits {
namespace {

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace

tl::expected<std::vector<CgroupMembership>, std::size_t> parse_cgroup_memberships(std::string_view text) {
  std::vector<CgroupMembership> found;
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos || first == 0 || line.find_first_not_of("0123456789") != first ||
        second + 1 >= line.size() || line[second + 1] != '/') {
      return tl::unexpected(number);
    }
    CgroupMembership membership;
    membership.controllers = split(std::string_view(line).substr(first + 1, second - first - 1), ',');
    membership.unified = membership.controllers.empty();
    membership.path = line.substr(second + 1);
    found.push_back(std::move(membership));
  }
  return found;
}

// As the programs that make such groups name them: a directory, or a scope with the container's id.
std::string container_of(std::string_view cgroup_path) {
  constexpr std::pair<std::string_view, std::string_view> marks[] = {
      {"kubepods", "Kubernetes"},   {"docker", "Docker"},
      {"libpod", "Podman"},         {"lxc", "LXC"},
      {"crio-", "CRI-O"},           {"garden", "Garden"},
      {"containerd", "containerd"}, {"machine.slice", "systemd-nspawn or a virtual machine"}};
  for (const auto& [mark, name] : marks) {
    if (cgroup_path.find(mark) != std::string_view::npos) return std::string(name);
  }
  return {};
}

}  // namespace netlimits
