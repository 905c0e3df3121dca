// Adds up, for each set of candidate ports, how often each could have come and how often it came.
#include "fuzz/port_choice_tally.hpp"

namespace netlimits::fuzz {
namespace {

constexpr std::uint64_t one_choice = 65536;

}  // namespace

std::vector<NeverTakenPort> PortChoiceTally::add(std::span<const PortChoice> choices, std::uint64_t case_number) {
  std::vector<NeverTakenPort> certain;
  for (const PortChoice& choice : choices) {
    const Kind kind{choice.rule, choice.reuse_address, choice.own_range, choice.candidates};
    Count& count = counts_[kind];
    if (count.choices++ == 0) count.first_case = case_number;
    count.expected += one_choice / choice.draws;
    ++count.taken[choice.taken];
    if (count.told || count.expected < certainty * one_choice) continue;
    count.told = true;
    for (const std::uint16_t port : choice.candidates) {
      if (count.taken.contains(port)) continue;
      certain.push_back({std::string(choice.rule), choice.candidates, port, count.choices, count.first_case});
    }
  }
  return certain;
}

}  // namespace netlimits::fuzz
