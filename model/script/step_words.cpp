// Results and values of steps as a report names them.
#include "model/script/step_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace netlimits {

std::string any_of(const std::vector<std::string>& results) {
  if (results.empty()) return "ok";
  std::string words = results.front();
  for (std::size_t index = 1; index < results.size(); ++index) words += fmt::format(" or {}", results[index]);
  return words;
}

bool among(std::string_view result, const std::vector<std::string>& results) {
  if (results.empty()) return result == "ok";
  return std::find(results.begin(), results.end(), result) != results.end();
}

std::string names_text(std::vector<Endpoint> names) {
  std::sort(names.begin(), names.end());
  std::string text = fmt::format("{} sockets", names.size());
  const auto follows = [&](std::size_t at) {
    return at > 0 && names[at].address == names[at - 1].address &&
           names[at].port.value == names[at - 1].port.value + 1U;
  };
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (follows(at)) continue;
    const bool other_address = at == 0 || names[at].address != names[at - 1].address;
    text += at == 0 ? ": " : ", ";
    text += other_address ? names[at].text() : fmt::format("{}", names[at].port.value);
    std::size_t last = at;
    while (last + 1 < names.size() && follows(last + 1)) ++last;
    if (last > at) text += fmt::format("-{}", names[last].port.value);
  }
  return text;
}

std::string values_text(const CallAnswer& answer) {
  if (!answer.text.empty() || answer.value_count == 0) return std::string(answer.text);
  if (answer.value_count > 1) return fmt::format("{} {}", answer.values[0], answer.values[1]);
  return std::to_string(answer.values[0]);
}

std::string values_text(const Step& step) {
  if (!step.text_value.empty()) return step.text_value;
  return fmt::format("{}", fmt::join(step.value, " "));
}

std::uint32_t numbers_of(const Step& step) {
  std::uint32_t count = 1;
  for (const Step& inner : step.body) count += numbers_of(inner);
  return count;
}

bool judge_loop(const Step& step, std::int64_t whole, const std::string& ended_by, StepResult& result) {
  std::pair<std::int64_t, std::int64_t> bounds{step.count, step.count};
  if (!step.stops_with.empty()) bounds = {0, step.count};
  if (step.succeeds) bounds = *step.succeeds;
  bool holds = bounds.first <= whole && whole <= bounds.second;
  if (!step.stops_with.empty()) holds = holds && !ended_by.empty() && among(ended_by, step.stops_with);
  result.as_expected = holds;
  if (holds) return true;
  result.expected = std::to_string(bounds.first);
  if (bounds.second != bounds.first) result.expected += fmt::format(" to {}", bounds.second);
  if (!step.stops_with.empty()) result.expected += fmt::format(", then {}", any_of(step.stops_with));
  return false;
}

void describe(const Step& step, const CallAnswer& answer, StepResult& result) {
  if (!answer.ok()) return;
  switch (step.call) {
    case Call::getsockname:
    case Call::getpeername:
      result.found = answer.endpoint.text();
      break;
    case Call::getsockopt:
      result.found = "value " + values_text(answer);
      break;
    case Call::send:
    case Call::recv:
      result.found = fmt::format("{} bytes", answer.number);
      break;
    case Call::open_files:
      result.found = fmt::format("{} opened", answer.number);
      break;
    default:
      break;
  }
}

void differ(StepResult& result, std::string found, std::string expected) {
  result.result = std::move(found);
  result.expected = std::move(expected);
  result.as_expected = false;
}

}  // namespace netlimits
