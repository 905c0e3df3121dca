// What is wrong with an input (scenario, profile, socket script), as a value: where, what was expected, what to try.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace netlimits::scenarios {

struct InputError {
  std::string file;        // as the user named it; "--set POINTER=VALUE" for an override
  std::size_t line = 0;    // from 1; 0 when the error belongs to no line
  std::size_t column = 0;  // from 1, in characters
  std::string pointer;     // JSON pointer (RFC 6901) of the value; empty for the whole document
  std::string expected;    // what is legal there; may be empty
  std::string message;     // what was found instead: a clause that can stand alone
  std::string hint;        // what to try next; may be empty

  // "scenarios/x.json:12:17: /hosts/client/count: expected ..., found ...; hint": one line, whatever was quoted.
  std::string text() const;
};

// Never empty where it stands for a failure; in the order of the document as far as one pass finds them.
using InputErrors = std::vector<InputError>;

template <class T>
using Loaded = tl::expected<T, InputErrors>;

// More errors than this are counted and not told: a file of the wrong kind would otherwise print itself.
inline constexpr std::size_t most_input_errors = 20;
// What stands behind the last one that is told. Nothing: the reading ended there, and nobody knows how many there are.
InputError others_not_shown(std::string file, std::optional<std::size_t> count);

// One error a line.
std::string text_of(const InputErrors& errors);

// In double quotes, what steers a reader escaped as JSON does it, long text cut. Bytes that are not UTF-8 are left to
// the line that this becomes a part of.
std::string in_quotes(std::string_view text);

}  // namespace netlimits::scenarios
