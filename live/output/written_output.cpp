// Streams are written as they are; a file is made beside its place without a name, filled, synced and put there.
#include "live/output/written_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "live/output/output_target.hpp"
#include "live/sandbox/descriptor.hpp"
#include "live/sandbox/interrupt.hpp"
#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {
namespace {

constexpr mode_t new_file = 0666;  // less the umask
constexpr int most_attempts = 100;

// A file that would be larger than the limit (RLIMIT_FSIZE) is an error of write(), not the end of the program.
class LargeFilesFail {
 public:
  LargeFilesFail() {
    struct sigaction ignored = {};
    ignored.sa_handler = SIG_IGN;
    sigaction(SIGXFSZ, &ignored, &before_);
  }
  LargeFilesFail(const LargeFilesFail&) = delete;
  LargeFilesFail& operator=(const LargeFilesFail&) = delete;
  ~LargeFilesFail() { sigaction(SIGXFSZ, &before_, nullptr); }

 private:
  struct sigaction before_ = {};
};

SystemResult<void> write_all(int descriptor, std::string_view text) {
  const LargeFilesFail guard;
  while (!text.empty()) {
    stop_if_interrupted();
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd room{descriptor, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return system_failure("writing failed");
    }
  }
  return {};
}

SystemResult<Descriptor> opened(const std::string& path, int flags) {
  for (;;) {
    // A FIFO waits here for who reads it.
    const int number = ::open(path.c_str(), flags | O_WRONLY | O_CLOEXEC | O_NOCTTY, new_file);
    if (number >= 0) return Descriptor(number);
    if (errno != EINTR) return system_failure("cannot be opened for writing");
    stop_if_interrupted();
  }
}

// Nobody can guess it and lie in wait.
std::string passing_name(const std::string& directory) {
  std::uint64_t number = 0;
  while (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
  }
  return fmt::format("{}/.netlimits-{:016x}", directory, number);
}

// The owner first: changing it takes bits of the mode away. Whose file it cannot remain, it gets no further rights by.
void hand_on(int descriptor, const std::optional<FileOwnership>& replaced) {
  if (!replaced) return;
  const bool same_owner = ::fchown(descriptor, replaced->user, replaced->group) == 0;
  static_cast<void>(::fchmod(descriptor, same_owner ? replaced->mode : replaced->mode & 0777U));
}

SystemResult<void> fill(int descriptor, const OutputFile& file, std::string_view text) {
  hand_on(descriptor, file.replaced);
  if (auto done = write_all(descriptor, text); !done) return done;
  // Not every file system can, and then there is nothing to wait for.
  if (::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS)
    return system_failure("writing failed");
  stop_if_interrupted();
  return {};
}

SystemResult<void> put_in_place(RemovedOnInterrupt& passing, const OutputFile& file) {
  if (::rename(passing.path().c_str(), file.path.c_str()) != 0) return system_failure("cannot be put in its place");
  passing.keep();
  if (const Descriptor directory{::open(file.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)})
    static_cast<void>(::fsync(directory.number()));
  return {};
}

// Until it is complete the file has no name, so that nothing at all can leave a part of it behind. Nothing: this file
// system has no files without names, or there is no /proc to name one by.
std::optional<SystemResult<void>> write_nameless(const OutputFile& file, std::string_view text) {
  auto made = opened(file.directory, O_TMPFILE);
  if (!made) return std::nullopt;
  if (auto done = fill(made->number(), file, text); !done) return done;
  const std::string itself = fmt::format("/proc/self/fd/{}", made->number());
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    RemovedOnInterrupt passing(passing_name(file.directory));
    if (::linkat(AT_FDCWD, itself.c_str(), AT_FDCWD, passing.path().c_str(), AT_SYMLINK_FOLLOW) == 0)
      return put_in_place(passing, file);
    const int number = errno;
    passing.keep();  // it is not ours
    if (number != EEXIST) break;
  }
  return std::nullopt;
}

SystemResult<void> write_named(const OutputFile& file, std::string_view text) {
  for (int attempt = 0;; ++attempt) {
    RemovedOnInterrupt passing(passing_name(file.directory));
    auto made = opened(passing.path(), O_CREAT | O_EXCL);
    if (made) {
      if (auto done = fill(made->number(), file, text); !done) return done;
      return put_in_place(passing, file);
    }
    passing.keep();  // it is not ours
    if (made.error().number != EEXIST || attempt == most_attempts)
      return tl::unexpected(SystemFailure{"no file can be made beside it", made.error().number});
  }
}

SystemResult<void> write_whole_file(const OutputFile& file, std::string_view text) {
  if (auto done = write_nameless(file, text)) return *done;
  return write_named(file, text);
}

SystemResult<void> write_stream(const OutputStream& stream, std::string_view text) {
  // Neither made nor emptied: what it is, it stays.
  const auto open = opened(stream.path, 0);
  if (!open) return tl::unexpected(open.error());
  return write_all(open->number(), text);
}

SystemResult<void> write_target(const OutputTarget& target, std::string_view text) {
  if (const auto* given = std::get_if<OpenDescriptor>(&target)) return write_all(given->number, text);
  if (const auto* stream = std::get_if<OutputStream>(&target)) return write_stream(*stream, text);
  return write_whole_file(std::get<OutputFile>(target), text);
}

}  // namespace

tl::expected<void, std::string> write_to_standard_output(std::string_view text) {
  const auto done = write_all(STDOUT_FILENO, text);
  if (done) return {};
  return tl::unexpected("standard output: " + done.error().text());
}

tl::expected<void, std::string> write_to(const std::string& name, std::string_view text) {
  const auto target = output_target(name);
  if (!target) return tl::unexpected(name + ": " + target.error());
  const auto done = write_target(*target, text);
  if (done) return {};
  return tl::unexpected(name + ": " + done.error().text());
}

}  // namespace netlimits::live
