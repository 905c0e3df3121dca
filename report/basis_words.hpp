// What a result rests on, in the forms of reports: the program's version, the seed, the scenario as it lies in its file
// and as it was replayed, each override and each profile. Where all these are equal the results are, to the byte.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "model/scenario/basis.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::report {

struct RestsOn {
  std::string version{};
  std::uint64_t seed = 0;
  std::string scenario_name{};
  Basis basis{};
  std::string kernel{};  // that was asked; empty: none
};

// By this program's version.
RestsOn rests_on(const Scenario& scenario);

// One line: "netlimits 0.1.0, seed 1, scenario 2c26b46b68ff, in effect fcde2b2edba5 (--set /seed=2), profiles linux
// 8b1a9953c461". Not escaped for any form. A scenario that comes from no file has no hashes. Hashes are cut to 12
// digits for a reader, or whole for whoever compares them by machine.
enum class Hashes : std::uint8_t { cut, whole };
std::string basis_line(const RestsOn& on, Hashes hashes);

// Puts "version", "seed", "scenario" and "profiles" into a result.
void put_basis(nlohmann::json& into, const RestsOn& on);

}  // namespace netlimits::report
