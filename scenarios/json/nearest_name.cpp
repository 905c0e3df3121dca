// The distance between two names, and the sentence that suggests one.
#include "scenarios/json/nearest_name.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace netlimits::scenarios {
namespace {

constexpr std::size_t longest_compared = 100;
// What a letter costs that is another one, missing or too much; one that only differs in case costs the least.
constexpr std::size_t letter = 4;
constexpr std::size_t letter_case = 1;

char lower(char of) { return of >= 'A' && of <= 'Z' ? static_cast<char>(of - 'A' + 'a') : of; }

std::size_t difference(char a, char b) {
  if (a == b) return 0;
  return lower(a) == lower(b) ? letter_case : letter;
}

// Optimal string alignment distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j * letter;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    rows[i][0] = i * letter;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      rows[i][j] = std::min(
          {rows[i - 1][j] + letter, rows[i][j - 1] + letter, rows[i - 1][j - 1] + difference(a[i - 1], b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + letter);
      }
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > longest_compared) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : known) {
    // A name of many parts is often given by its last one: "somaxconn" for "net.core.somaxconn".
    const bool is_tail = name.size() >= 4 && candidate.size() > name.size() && candidate.ends_with(name);
    const std::size_t apart = is_tail ? 0 : distance(name, candidate);
    if (apart > letter * std::max<std::size_t>(1, std::max(name.size(), candidate.size()) * 2 / 5)) continue;
    if (!best || apart < best_distance) {
      best = candidate;
      best_distance = apart;
    }
  }
  return best;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
  if (known.empty()) return {};
  if (const auto near = nearest_name(name, known)) return fmt::format("did you mean {}?", *near);
  return "known: " + first_few(known);
}

std::string first_few(const std::vector<std::string>& names) {
  constexpr std::size_t few = 50;
  if (names.size() <= few) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + few, ", "), names.size() - few);
}

}  // namespace netlimits::scenarios
