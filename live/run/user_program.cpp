// Starts the program with its limits and output, and counts by /proc which of its processes holds which sockets.
#include "live/run/user_program.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace netlimits::live {
namespace {

namespace fs = std::filesystem;

constexpr const char* directory = "/run";
constexpr std::size_t longest_output = 4000;

// The process group of a process: the fifth field of /proc/PID/stat, behind a name that may hold anything.
pid_t group_of(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string text;
  std::getline(file, text);
  const std::size_t after_name = text.rfind(')');
  if (after_name == std::string::npos) return 0;
  std::string_view rest = std::string_view(text).substr(after_name + 1);
  for (int field = 0; field < 3 && !rest.empty(); ++field) {  // state, parent, group
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (field == 2) break;
    rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  }
  pid_t group = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), group);
  return group;
}

// "socket:[4711]" is 4711; anything else 0.
std::uint64_t socket_number(const std::string& link) {
  constexpr std::string_view begin = "socket:[";
  std::uint64_t number = 0;
  if (link.starts_with(begin)) std::from_chars(link.data() + begin.size(), link.data() + link.size(), number);
  return number;
}

// Returns only when something failed, in words.
SystemFailure become(const std::string& command, std::uint64_t nofile, const ProgramSurroundings& surroundings) {
  const auto failed = [](const char* what) { return system_failure(what).value(); };
  const rlimit limit{nofile, nofile};
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return failed("set its descriptor limit");
  if (auto kept = keep_to_itself(surroundings, directory); !kept) return kept.error();
  if (::chdir(directory) != 0) return failed("enter its directory");
  // The leader ignores the first and the whole program the second; both would be inherited.
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  if (auto set = set_environment(surroundings, directory); !set) return set.error();
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  return failed("start sh");
}

int begin(const std::string& command, std::uint64_t nofile, int output, const ProgramSurroundings& surroundings) {
  ::setpgid(0, 0);
  const int input = ::open("/dev/null", O_RDONLY);
  if (input < 0 || ::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) return 126;
  // Whatever the caller was started with would count against the limit.
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  const std::string why = become(command, nofile, surroundings).text();
  static_cast<void>(!::write(2, why.data(), why.size()));
  return 127;
}

}  // namespace

// Writable for every user of the sandbox, as servers change theirs.
SystemResult<void> UserProgram::make_directory() { return mount_memory(directory); }

SystemResult<UserProgram> UserProgram::start(const NetworkNamespace& where, const std::string& command,
                                             std::uint64_t nofile, const ProgramSurroundings& surroundings) {
  Descriptor output(::memfd_create("output", MFD_CLOEXEC));
  if (!output) return system_failure("memory for a program's output");
  auto process = spawn(where, [&] { return begin(command, nofile, output.number(), surroundings); });
  if (!process) return tl::unexpected(process.error());
  return UserProgram(std::move(*process), std::move(output));
}

std::string UserProgram::last_output() const {
  std::array<char, longest_output> text{};
  const off_t size = ::lseek(output_.number(), 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - static_cast<off_t>(text.size()));
  const ssize_t got = ::pread(output_.number(), text.data(), text.size(), from);
  return {text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

UserProgram::Holding UserProgram::holding(const std::set<std::uint64_t>& sockets) const {
  Holding found;
  std::set<std::uint64_t> held;
  std::error_code trouble;
  for (fs::directory_iterator entry("/proc", trouble), end; entry != end; entry.increment(trouble)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos || group_of(entry->path()) != process_.id()) continue;
    std::uint64_t descriptors = 0;
    bool holds = false;
    std::error_code gone;
    for (fs::directory_iterator each(entry->path() / "fd", gone), last; each != last; each.increment(gone)) {
      ++descriptors;
      std::error_code closed;
      const std::uint64_t number = socket_number(fs::read_symlink(each->path(), closed).string());
      if (number == 0 || !sockets.contains(number)) continue;
      holds = true;
      held.insert(number);
    }
    if (!holds) continue;
    ++found.holding_processes;
    found.descriptors = std::max(found.descriptors, descriptors);
  }
  found.held = held.size();
  return found;
}

}  // namespace netlimits::live
