// Random socket scripts over small worlds: few addresses, few ports, so that calls meet each other.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "model/script/script.hpp"

namespace netlimits::fuzz {

struct GeneratorOptions {
  std::uint32_t least_steps = 5;  // of a script without an episode
  std::uint32_t most_steps = 16;
  bool several_users = false;  // processes of another uid than 0: an ordinary user's sandbox cannot have them
  // One case in so many waits for a kernel's timers, for about one to three seconds; 0: none does.
  std::uint64_t patient_every = 300;
  // The cases with this remainder wait for more than a minute; 0: none does.
  std::uint64_t minute_every = 40'000;
  // Settings that the kernel does not have: no script names one.
  std::set<std::string, std::less<>> settings_absent{};
};

// Consecutive numbers share a world (settings and addresses) for this many cases, so that an executor on a kernel can
// keep its namespace.
inline constexpr std::uint64_t cases_per_world = 64;

// The script of this number. Everything it does is drawn from (seed, number): a case can be repeated by its number.
// Its steps expect nothing; it is for comparing two executors (InterpretOptions::judge = false).
Script random_script(std::uint64_t seed, std::uint64_t number, const GeneratorOptions& options = {});

}  // namespace netlimits::fuzz
