// Reads numbers and errors as people type them.
#include "scenarios/diagnosis/complaint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "model/systems/error.hpp"
#include "scenarios/knowledge/knowledge.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::uint64_t largest_count = 1'000'000'000'000'000ULL;

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

// "28232", "28,232", "28_232"; nothing else.
std::optional<std::uint64_t> plain_number(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9')
      digits += c;
    else if ((c != ',' && c != '_') || digits.empty())
      return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || read.ec != std::errc{} || value > largest_count) return std::nullopt;
  return value;
}

// Half a unit of the last figure that is not zero: 28,000 may be 27,500 to 28,500. Small or exact numbers are what they
// are.
std::uint64_t rounding_of(std::uint64_t value) {
  std::uint64_t unit = 1;
  while (value != 0 && value % (unit * 10) == 0) unit *= 10;
  return unit < 100 || value < 1000 ? 0 : unit / 2;
}

struct Suffix {
  char letter;
  std::uint64_t decimal;
  std::uint64_t binary;
};

std::optional<ToldCount> about(std::string_view text, bool roughly) {
  for (const Suffix& suffix : {Suffix{'k', 1000, 1024}, Suffix{'m', 1'000'000, 1'048'576}}) {
    const char last = text.empty() ? '\0' : text.back();
    if (last != suffix.letter && last != suffix.letter - 'a' + 'A') continue;
    const auto number = plain_number(text.substr(0, text.size() - 1));
    if (!number || *number == 0 || *number > largest_count / suffix.binary) return std::nullopt;
    return ToldCount{*number * suffix.decimal - suffix.decimal / 2,
                     std::max(*number * suffix.decimal + suffix.decimal / 2, *number * suffix.binary),
                     std::nullopt,
                     {}};
  }
  const auto number = plain_number(text);
  if (!number) return std::nullopt;
  const std::uint64_t slack = std::max(rounding_of(*number), roughly ? *number / 50 : 0);
  return ToldCount{*number - slack, *number + slack, roughly ? std::nullopt : number, {}};
}

// Where the pattern is in the text; # of it stands for a number. Nothing: nowhere.
struct PatternMatch {
  std::size_t length = 0;
  std::optional<std::uint64_t> figure{};
};
std::optional<PatternMatch> find_pattern(const std::string& text, const std::string& pattern) {
  const std::size_t hash = pattern.find('#');
  if (hash == std::string::npos)
    return text.find(pattern) == std::string::npos ? std::nullopt : std::optional(PatternMatch{pattern.size(), {}});
  const std::string before = pattern.substr(0, hash);
  const std::string after = pattern.substr(hash + 1);
  for (std::size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const std::size_t begin = at + before.size();
    std::size_t end = begin;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    const auto number = plain_number(std::string_view(text).substr(begin, end - begin));
    if (number && text.compare(end, after.size(), after) == 0) return PatternMatch{pattern.size(), number};
    if (at + 1 >= text.size()) break;
  }
  return std::nullopt;
}

// Whose messages the text has. One that is part of another does not count beside it: "too many open files" and "too
// many open files in system".
void find_causes(const std::string& lower, const CauseBook& book, ToldError& told) {
  struct Found {
    const Cause* cause;
    const std::string* message;
    PatternMatch match;
  };
  std::vector<Found> all;
  for (const Cause& cause : book.causes) {
    for (const std::string& message : cause.messages) {
      if (const auto match = find_pattern(lower, message)) all.push_back({&cause, &message, *match});
    }
  }
  for (const Found& one : all) {
    const bool part = std::any_of(all.begin(), all.end(), [&](const Found& other) {
      return other.message->size() > one.message->size() && other.message->find(*one.message) != std::string::npos;
    });
    if (part && !one.match.figure) continue;
    told.causes.insert(one.cause->name);
    if (one.match.figure) told.figure = one.match.figure;
  }
}

// Names anywhere in the text, whole words only.
void find_names(std::string_view text, ToldError& told) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && is_word_character(text[end])) ++end;
    std::string word(text.substr(at, end - at));
    for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (error_named(word)) told.errors.insert(word);
    at = end + 1;
  }
}

// A number that is the whole text, or stands behind "errno", "error" or a bracket.
void find_numbers(const std::string& lower, const CauseBook& book, ToldError& told) {
  std::size_t at = 0;
  while (at < lower.size()) {
    std::size_t end = at;
    while (end < lower.size() && lower[end] >= '0' && lower[end] <= '9') ++end;
    if (end == at) {
      ++at;
      continue;
    }
    std::string_view before = std::string_view(lower).substr(0, at);
    while (!before.empty() && (before.back() == ' ' || before.back() == '=' || before.back() == ':'))
      before.remove_suffix(1);
    const bool means_an_error = before.empty() || before.ends_with("errno") || before.ends_with("error") ||
                                before.ends_with("code") || before.ends_with('(') || before.ends_with("errno -") ||
                                before.ends_with("os error");
    const auto number = plain_number(std::string_view(lower).substr(at, end - at));
    const bool whole = !before.empty() || end == lower.size();
    if (number && means_an_error && whole) {
      for (const auto& [value, name] : book.numbers) {
        if (static_cast<std::uint64_t>(value) == *number) told.errors.insert(name);
      }
      for (const Known& known : knowledge()) {
        const auto error = known.kind == KnownKind::error ? error_named(known.name) : std::nullopt;
        const auto windows = error ? windows_number_of(*error) : std::nullopt;
        if (windows && static_cast<std::uint64_t>(*windows) == *number) told.errors.insert(known.name);
      }
    }
    at = end;
  }
}

// The system's own words; the longest, for some begin like others.
void find_messages(const std::string& lower, ToldError& told) {
  std::size_t longest = 0;
  std::set<std::string> found;
  for (const Known& known : knowledge()) {
    if (known.kind != KnownKind::error) continue;
    for (const std::string& message : known.messages) {
      if (message.size() < longest || lower.find(in_lower_case(message)) == std::string::npos) continue;
      if (message.size() > longest) found.clear();
      longest = message.size();
      found.insert(known.name);
    }
  }
  told.errors.insert(found.begin(), found.end());
}

}  // namespace

std::optional<ToldCount> parse_count(std::string_view text) {
  const std::string typed(text);
  std::optional<ToldCount> told;
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    const auto least = about(text.substr(0, dots), false);
    const auto most = about(text.substr(dots + 2), false);
    if (!least || !most || least->least > most->most) return std::nullopt;
    told = ToldCount{least->told.value_or(least->least), most->told.value_or(most->most), std::nullopt, {}};
  } else if (text.starts_with('~')) {
    told = about(text.substr(1), true);
  } else {
    told = about(text, false);
  }
  if (told) told->text = typed;
  return told;
}

ToldError understand_error(std::string_view text, const CauseBook& book) {
  ToldError told{.text = std::string(text)};
  const std::string lower = in_lower_case(text);
  find_names(text, told);
  find_numbers(lower, book, told);
  find_messages(lower, told);
  find_causes(lower, book, told);
  for (const auto& [name, symptom] : book.symptoms) {
    const bool said = std::any_of(symptom.words.begin(), symptom.words.end(),
                                  [&](const std::string& word) { return lower.find(word) != std::string::npos; });
    const bool same = std::any_of(symptom.errors.begin(), symptom.errors.end(),
                                  [&](const std::string& error) { return told.errors.contains(error); });
    if (said || same) told.symptoms.insert(name);
  }
  return told;
}

}  // namespace netlimits::scenarios
