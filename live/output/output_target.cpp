// Follows links by hand, so that a descriptor of this program is known as one whatever it is open on.
#include "live/output/output_target.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "live/limits/callers_limits.hpp"

namespace netlimits::live {
namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;  // as the kernel (MAXSYMLINKS)

std::optional<int> descriptor_number(const fs::path& directory, const std::string& name) {
  std::error_code error;
  if (directory != fs::canonical("/proc/self/fd", error) || error) return std::nullopt;
  int number = -1;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
  if (read.ec != std::errc{} || read.ptr != name.data() + name.size()) return std::nullopt;
  return number;
}

tl::expected<OutputTarget, std::string> target_at(const fs::path& directory, const fs::path& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT) return tl::unexpected(error_text(errno));
    return OutputFile{.directory = directory, .path = path};
  }
  if (S_ISDIR(found.st_mode)) return tl::unexpected(std::string("is a directory; expected a file"));
  if (!S_ISREG(found.st_mode)) return OutputStream{path};
  // A file that may not be written is not replaced either, though its directory would allow that.
  if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0) return tl::unexpected(error_text(errno));
  return OutputFile{.directory = directory,
                    .path = path,
                    .replaced = FileOwnership{found.st_mode & 07777U, found.st_uid, found.st_gid}};
}

}  // namespace

tl::expected<OutputTarget, std::string> output_target(const std::string& name) {
  fs::path path = name;
  for (int links = 0; links <= most_links; ++links) {
    std::error_code error;
    const fs::path directory = fs::canonical(path.has_parent_path() ? path.parent_path() : fs::path("."), error);
    if (error) return tl::unexpected(error.message());
    const fs::path last = path.filename();
    if (last.empty() || last == "." || last == "..")
      return tl::unexpected(std::string("is a directory; expected a file"));
    path = directory / last;
    if (const auto number = descriptor_number(directory, last)) return OpenDescriptor{*number};
    const bool link = fs::is_symlink(fs::symlink_status(path, error));
    // What the links of /proc say is no path.
    if (link && directory.string().starts_with("/proc/")) return OutputStream{path};
    if (!link) return target_at(directory, path);
    const fs::path further = fs::read_symlink(path, error);
    if (error) return tl::unexpected(error.message());
    path = directory / further;
  }
  return tl::unexpected(error_text(ELOOP));
}

}  // namespace netlimits::live
