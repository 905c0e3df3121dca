// What all targets share: the input as text, and an end that libFuzzer notices when a promise is broken.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scenarios/json/input_error.hpp"
#include "scenarios/json/plain_text.hpp"

namespace netlimits::fuzz_targets {

[[noreturn]] inline void broken(const std::string& promise) {
  std::fprintf(stderr, "broken promise: %s\n", promise.c_str());
  std::abort();
}

// Errors are never empty, and steer nobody.
inline void check_errors(const scenarios::InputErrors& errors) {
  if (errors.empty()) broken("a failure has an error");
  for (const scenarios::InputError& error : errors) {
    const std::string text = error.text();
    if (text.empty()) broken("an error has a text");
    if (scenarios::plain_line(text) != text) broken("an error is one line of plain text");
  }
}

// One reader. Each target is a file that defines it.
void read(std::string_view text);

}  // namespace netlimits::fuzz_targets
