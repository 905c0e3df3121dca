// Steps of very different size share one scale: a bar says how many times as much.
#include "report/charts/ladder_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "model/systems/limit.hpp"
#include "report/charts/bar.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

// What is so many times less is too short for a scale from nothing to the largest.
constexpr std::uint64_t most_times = 20;

struct Step {
  std::string name{};
  analysis::Interval held{};
  const std::vector<analysis::Binding>* binding = nullptr;
};

std::vector<Step> steps_of(const analysis::Capacity& capacity) {
  std::vector<Step> steps{{"as it is", capacity.held, &capacity.binding}};
  for (const analysis::Rung& rung : capacity.ladder) {
    const bool only_grows = steps.size() == 1 && capacity.binding.empty();
    steps.push_back({only_grows ? "asked for more" : "that lifted", rung.capacity, &rung.binding});
  }
  return steps;
}

std::string binding_words(const std::vector<analysis::Binding>& binding) {
  if (binding.empty()) return "nothing";
  std::string text = fmt::format("{}<br/><small>{}", html_text(name_of(binding.front().limit)),
                                 html_text(binding.front().place.text()));
  if (binding.size() > 1) text += fmt::format(" and {} more", grouped(binding.size() - 1));
  return text + "</small>";
}

}  // namespace

std::string ladder_chart(const analysis::Capacity& capacity) {
  if (capacity.binding.empty() && capacity.ladder.empty()) return {};
  const std::vector<Step> steps = steps_of(capacity);
  std::uint64_t largest = 0;
  std::uint64_t smallest = steps.front().held.max;
  for (const Step& step : steps) {
    largest = std::max(largest, step.held.max);
    smallest = std::min(smallest, step.held.max);
  }
  const bool doublings = smallest < largest / most_times;
  const auto share_of = [&](std::uint64_t count) {
    return doublings ? per_mille_of_doublings(count, largest)
                     : per_mille_of(count, std::max<std::uint64_t>(largest, 1));
  };
  std::string text = fmt::format(
      "<h3>What binds, and what binds after that</h3>\n<div class=\"scroll\" tabindex=\"0\"><table "
      "class=\"bars\">\n<thead><tr>"
      "<th>step</th><th class=\"drawn\">connections{}</th><th class=\"number\">holds</th><th>then "
      "binds</th></tr></thead>"
      "\n<tbody>\n",
      doublings ? " (log scale)" : "");
  for (const Step& step : steps) {
    const std::string held = grouped(step.held);
    text +=
        fmt::format("<tr><td>{}</td><td class=\"drawn\">{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
                    step.name, bar_svg(share_of(step.held.max), BarKind::plain, fmt::format("{}: {}", step.name, held)),
                    held, binding_words(*step.binding));
  }
  return text + "</tbody>\n</table></div>\n";
}

}  // namespace netlimits::report
