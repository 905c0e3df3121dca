// Reading of files that say no size, of links, and of a directory of descriptors.
#include "live/machine/proc_text.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include "live/sandbox/descriptor.hpp"

namespace netlimits::live {
namespace {

constexpr std::size_t largest = std::size_t{256} << 20U;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

SystemResult<std::string> link_at(int directory, const char* name, const std::string& shown) {
  std::array<char, 4096> target{};
  const ssize_t length = ::readlinkat(directory, name, target.data(), target.size());
  if (length < 0) return system_failure("read " + shown);
  return std::string(target.data(), static_cast<std::size_t>(length));
}

}  // namespace

SystemResult<std::string> read_text(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_failure("read " + path);
  std::string text;
  std::array<char, 65536> part{};
  for (;;) {
    const ssize_t got = ::read(file.number(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read " + path);
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > largest) {
      errno = EFBIG;
      return system_failure("read " + path);
    }
  }
}

SystemResult<std::string> read_link(const std::string& path) { return link_at(AT_FDCWD, path.c_str(), path); }

SystemResult<std::string> read_descriptors(const std::string& directory) {
  const std::unique_ptr<DIR, CloseDirectory> opened(::opendir(directory.c_str()));
  if (!opened) return system_failure("read " + directory);
  struct stat here {};
  struct stat there {};
  const bool own = ::stat("/proc/self", &here) == 0 && ::fstatat(::dirfd(opened.get()), "..", &there, 0) == 0 &&
                   here.st_dev == there.st_dev && here.st_ino == there.st_ino;
  const std::string reading = own ? std::to_string(::dirfd(opened.get())) : std::string();
  std::string text;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(opened.get());
    if (entry == nullptr) {
      if (errno != 0) return system_failure("read " + directory);
      return text;
    }
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name == "." || name == ".." || name == reading) continue;
    const auto target = link_at(::dirfd(opened.get()), static_cast<const char*>(entry->d_name), directory);
    if (!target && target.error().number == ENOENT) continue;
    text += std::string(name) + " -> " + (target ? *target : std::string("?")) + "\n";
  }
}

}  // namespace netlimits::live
