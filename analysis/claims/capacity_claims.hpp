// What somebody asks of a capacity, beside its figures: that so many are held, that so many a second go on, that some
// of it is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/churn/rate.hpp"
#include "analysis/interval.hpp"

namespace netlimits::analysis {

struct CapacityClaims {
  std::optional<std::uint64_t> at_least{};
  std::optional<SustainedRate> sustains{};  // a second, of each workload whose connections end
  std::optional<std::uint64_t> headroom{};  // in thousandths of what is held at most, and of what is sustained
  bool any() const { return at_least || sustains || headroom; }
};

enum class Claimed : std::uint8_t {
  held,
  sustained,
  headroom_of_held,
  headroom_of_sustained,
  capacity_of_limit,
  headroom_of_limit,
  exhausted_limit
};

// A figure beside what is asked of it. `actual` of a rate is in thousandths a second, rounded down.
struct JudgedClaim {
  Claimed what{};
  std::string workload{};            // of a rate
  std::optional<Interval> actual{};  // nothing: no limit is known
  std::uint64_t expected = 0;        // in the unit of `actual`, of the least that is enough
  bool holds = false;                // with the least luck, where chance decides
  std::uint64_t share = 0;           // of a headroom: thousandths that are to be left
  std::string name{};                // that a scenario gives it; or empty
  std::string place{};               // of a limit: "fd_per_process at server/web"
  std::string trouble{};             // why there is no figure; then it does not hold
};

// As many as are held before anything breaks, however many are asked for: the first step of the ladder where nothing
// breaks. Nothing: no limit is known.
std::optional<Interval> held_at_most(const Capacity& capacity);

// Each claim, of each workload that it is about; --sustains of a scenario whose connections do not end has none.
std::vector<JudgedClaim> judged(const Capacity& capacity, const CapacityClaims& claims);

// What a scenario claims: of everything together as above; of a limit by its name and place, where it stands on the
// ladder. The headroom of a limit is the share of the connections at which it binds that nobody asks for. One that
// speaks of nothing the answer has, does not hold and says why.
std::vector<JudgedClaim> judged(const Capacity& capacity, const FigureClaim& claim, const std::string& name);

}  // namespace netlimits::analysis
