// How many more connections can this machine make to X? - as a scenario.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// More than anything here can hold.
inline constexpr std::uint64_t asked_of_a_machine = 1'000'000'000;

struct HeadroomQuestion {
  Scenario scenario{};
  Endpoint to{};
  bool listener_in_doubt = false;  // that somebody listens at `to` is taken to be so
  std::vector<std::string> notes{};
};

// The machine's first process connects to `to` without bind(); without it, to a far end that nobody knows, over the
// family of the machine's first address. What listens there takes everything. Where `to` is on the machine itself, what
// listens there now is the far end, and nothing else is: then nobody answers, unless `listeners_in_doubt`.
HeadroomQuestion headroom_question(const HostGroup& host, const std::optional<Endpoint>& to,
                                   bool listeners_in_doubt = false);

}  // namespace netlimits::analysis
