// What a replay of a scenario will need, worked out before it begins, and the most that one may: what is too much is
// refused with the figure and a way out, instead of taking the machine's memory or never ending.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/scenario/scenario.hpp"

namespace netlimits {

// Rows of windows in one result, all workloads together.
inline constexpr std::uint64_t most_windows = 500'000;
// Sockets that share one port of one host by SO_REUSEPORT: as many as a kernel has room for in a group.
inline constexpr std::uint64_t most_sockets_of_a_port = 65'535;
// Events, timers and segments of one run when nobody says another figure: about a minute.
inline constexpr std::uint64_t usual_steps = 100'000'000;
// What a run may need when nobody says another figure.
inline constexpr std::uint64_t usual_memory = std::uint64_t{4} << 30U;

// Upper bounds where a scenario decides a figure only while it runs, but for `windows` and `steps`, of which
// there are at least so many.
struct RunNeeds {
  std::uint64_t hosts = 0;              // to which something may happen
  std::uint64_t addresses = 0;          // of those that have more than a few
  std::uint64_t processes = 0;          // on these
  std::uint64_t sockets_of_a_port = 0;  // of one host, by SO_REUSEPORT
  std::uint64_t connections = 0;        // that are there at one time, those in TIME_WAIT included
  std::uint64_t windows = 0;
  std::uint64_t steps = 0;
  std::uint64_t memory = 0;  // bytes for all of it
};
RunNeeds needs_of(const Scenario& scenario);

// Why a run is not done, or does not go on.
struct TooMuch {
  std::string what{};     // a clause that can stand alone, with the figure
  std::string way_out{};  // what to do about it

  std::string text() const { return what + "; " + way_out; }
};
std::optional<TooMuch> too_much(const Scenario& scenario, std::uint64_t memory = usual_memory,
                                std::uint64_t steps = usual_steps);

// A run that has come to `attempts` takes more steps than it may.
TooMuch too_many_steps(std::uint64_t most, std::uint64_t attempts);

// `windows`: what a run has come to. Nothing: no more than a result may have.
std::optional<TooMuch> too_many_windows(const Scenario& scenario, std::uint64_t windows);

// Connections that are reset and opened anew, again and again, keep a run going for ever.
std::uint64_t most_reconnections(const Scenario& scenario);
TooMuch never_ends(std::uint64_t reconnections);

}  // namespace netlimits
