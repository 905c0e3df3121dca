// clearenv(), unshare() and mount_setattr(2).
#include "live/run/program_surroundings.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace netlimits::live {
namespace {

constexpr const char* usual_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr const char* shared_memory = "/dev/shm";

// uapi/linux/mount.h, whose other names clash with those of <sys/mount.h> in glibc 2.36.
struct MountAttributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
  std::uint64_t user_namespace = 0;
};
constexpr std::uint64_t read_only = 0x1;  // MOUNT_ATTR_RDONLY

bool change_mount(const char* place, unsigned flags, const MountAttributes& attributes) {
  return ::syscall(SYS_mount_setattr, AT_FDCWD, place, flags, &attributes, sizeof attributes) == 0;
}

bool is_directory(const char* place) {
  struct stat found = {};
  return ::stat(place, &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace

SystemResult<void> mount_memory(const char* directory) {
  if (::mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV, "size=64m,mode=1777") != 0)
    return system_failure(std::string("mount a file system in memory on ") + directory);
  return {};
}

SystemResult<void> set_environment(const ProgramSurroundings& surroundings, const char* home) {
  if (::clearenv() != 0) return system_failure("clear the environment");
  const auto set = [](const char* name, const char* value) { return ::setenv(name, value, 1) == 0; };
  bool done = set("PATH", usual_path);
  for (const char* name : {"HOME", "TMPDIR", "PWD"}) done = done && set(name, home);
  for (const auto& [name, value] : surroundings.environment) done = done && set(name.c_str(), value.c_str());
  if (!done) return system_failure("set the environment");
  return {};
}

SystemResult<void> keep_to_itself(const ProgramSurroundings& surroundings, const char* home) {
  if (::unshare(CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS) != 0)
    return system_failure("make ipc, uts and mount namespaces");
  if (is_directory(shared_memory)) {
    if (auto mounted = mount_memory(shared_memory); !mounted) return mounted;
  }
  if (surroundings.writes) return {};
  if (!change_mount("/", AT_RECURSIVE, {.set = read_only})) {
    if (errno != ENOSYS) return system_failure("make the file system one to read only");
    return system_failure("make the file system one to read only (needs Linux 5.12; --program-writes goes without)");
  }
  for (const char* place : {home, shared_memory}) {
    if (is_directory(place) && !change_mount(place, 0, {.clear = read_only}))
      return system_failure(std::string("make ") + place + " one to write");
  }
  return {};
}

}  // namespace netlimits::live
