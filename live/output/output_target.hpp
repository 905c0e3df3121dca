// What the name that a user gives for a result stands for, before anything is opened.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <variant>

#include <tl/expected.hpp>

namespace netlimits::live {

// /dev/stdout, /dev/fd/3: what the program was given open. Written where it stands, also when it is a regular file, as
// others may be writing to it.
struct OpenDescriptor {
  int number = -1;
};

// A device, a FIFO, a terminal, a descriptor of another process: written into.
struct OutputStream {
  std::string path{};
};

// What a file that is replaced hands on to the new one.
struct FileOwnership {
  mode_t mode = 0;
  uid_t user = 0;
  gid_t group = 0;
};

// A regular file, or one to be made. Links are followed: it is the file itself that is written anew.
struct OutputFile {
  std::string directory{};
  std::string path{};
  std::optional<FileOwnership> replaced{};
};

using OutputTarget = std::variant<OpenDescriptor, OutputStream, OutputFile>;

// The error is a sentence without the name.
tl::expected<OutputTarget, std::string> output_target(const std::string& name);

}  // namespace netlimits::live
