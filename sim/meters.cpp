// The meters of a run, by limit and place.
#include "sim/meters.hpp"

namespace netlimits::sim {

void Meters::refused(const PlacedLimit& limit, SimTime now) {
  std::optional<SimTime>& first = places_[limit].first_refused;
  if (!first) first = now;
}

bool Meters::has_refused(const PlacedLimit& limit) const {
  const auto found = places_.find(limit);
  return found != places_.end() && found->second.first_refused.has_value();
}

void Meters::add(const PlacedLimit& limit, const Meter& meter) {
  std::optional<Meter>& worst = places_[limit].worst;
  if (!worst || meter.peak > worst->peak) worst = meter;
}

void Meters::write(RunResult& result) const {
  for (const auto& [limit, at] : places_) {
    if (!at.worst) continue;
    result.limits.push_back({.limit = limit.limit,
                             .place = limit.place,
                             .capacity = at.worst->capacity,
                             .peak = at.worst->peak,
                             .exhausted = at.first_refused.has_value(),
                             .first_exhausted_at = at.first_refused});
  }
  put_in_printed_order(result.limits);
}

}  // namespace netlimits::sim
