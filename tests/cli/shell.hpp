// What a command of a shell prints, and how it ends.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

#include "tests/catch.hpp"

namespace netlimits::tests {

struct Said {
  int code = -1;
  std::string text;  // of its standard output; a command sends the rest there itself
};

inline Said said_by(const std::string& command) {
  Said said;
  FILE* shell = ::popen(command.c_str(), "r");
  REQUIRE(shell != nullptr);
  std::array<char, 4096> part{};
  for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), shell)) > 0;)
    said.text.append(part.data(), got);
  const int status = ::pclose(shell);
  said.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return said;
}

}  // namespace netlimits::tests
