// Paths under /proc/sys, and the comparison of what was written with what is read back.
#include "live/sandbox/sysctl.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "live/sandbox/descriptor.hpp"

namespace netlimits::live {
namespace {

std::string path_of(std::string_view name) {
  std::string path = "/proc/sys/" + std::string(name);
  std::replace(path.begin() + 10, path.end(), '.', '/');
  return path;
}

std::string words_of(std::string_view text) {
  std::string words;
  bool gap = false;
  for (const char letter : text) {
    if (letter == ' ' || letter == '\t' || letter == '\n') {
      gap = !words.empty();
      continue;
    }
    if (gap) words += ' ';
    gap = false;
    words += letter;
  }
  return words;
}

// "40000-40000" is how one port may be written; the kernel prints "40000". Only for comparing.
std::string plain_ranges(const std::string& text) {
  std::string result;
  std::size_t from = 0;
  while (from <= text.size()) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string part = text.substr(from, comma - from);
    const std::size_t dash = part.find('-');
    const bool single = dash != std::string::npos && part.substr(0, dash) == part.substr(dash + 1);
    if (from != 0) result += ',';
    result += single ? part.substr(0, dash) : part;
    from = comma + 1;
  }
  return result;
}

}  // namespace

bool has_sysctl(std::string_view name) { return ::access(path_of(name).c_str(), F_OK) == 0; }

SystemResult<std::string> read_sysctl(std::string_view name) {
  const Descriptor file(::open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_failure("read " + std::string(name));
  std::string text;
  std::array<char, 1024> part{};
  for (;;) {
    const ssize_t got = ::read(file.number(), part.data(), part.size());
    if (got < 0) return system_failure("read " + std::string(name));
    if (got == 0) return words_of(text);
    text.append(part.data(), static_cast<std::size_t>(got));
  }
}

SystemResult<void> write_sysctl(std::string_view name, std::string_view value) {
  {
    const Descriptor file(::open(path_of(name).c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return system_failure("write " + std::string(name));
    // An empty value is written as an empty line: some lists (ip_local_reserved_ports) are cleared by nothing else.
    const std::string line = std::string(value) + "\n";
    if (::write(file.number(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      return system_failure("write " + std::string(name) + " = " + std::string(value));
  }
  auto now = read_sysctl(name);
  if (!now) return tl::unexpected(now.error());
  if (plain_ranges(words_of(*now)) != plain_ranges(words_of(value))) {
    return tl::unexpected(SystemFailure{
        "the kernel kept " + std::string(name) + " = " + *now + " although " + std::string(value) + " was written", 0});
  }
  return {};
}

}  // namespace netlimits::live
