// What a user saw: a number, an error, and when.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "scenarios/diagnosis/causes.hpp"

namespace netlimits::scenarios {

// A number as people tell it: "28232" is one number, "~28000", "28k", "28000" (which may be rounded) and
// "20000..30000" are several.
struct ToldCount {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::optional<std::uint64_t> told{};  // the number itself, where one was told
  std::string text{};                   // as it was typed
};
// Nothing: no number.
std::optional<ToldCount> parse_count(std::string_view text);

// An error as people tell it, worked out.
struct ToldError {
  std::string text{};
  std::set<std::string> errors{};         // names: "EMFILE"; of a number those that it can be
  std::set<std::string> symptoms{};       // "silence"
  std::set<std::string> causes{};         // by name: whose message it is
  std::optional<std::uint64_t> figure{};  // that the message names: 768 of "768 worker_connections are not enough"

  bool understood() const { return !errors.empty() || !symptoms.empty() || !causes.empty(); }
};
// A name (EMFILE, WSAENOBUFS), a number (99, errno 99, 10055), a system's own words, a program's or a cloud's message,
// a symptom ("silence").
ToldError understand_error(std::string_view text, const CauseBook& book);

}  // namespace netlimits::scenarios
