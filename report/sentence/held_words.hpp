// What the first line says a run held, and what stands beside it.
#pragma once

#include <cstdint>
#include <string>

#include "model/scenario/result.hpp"

namespace netlimits::report {

struct HeldByARun {
  std::uint64_t peak = 0;  // that both ends had, at one moment
  std::uint64_t lost = 0;
  std::uint64_t waiting = 0;  // for accept(), at the end
  // Of those that only their clients know, at the end: whom no server ever had, and whom one had that has no more.
  std::uint64_t never_had = 0;
  std::uint64_t had_before = 0;
  // Whom no server ever had either, and who are gone by the end; not those that count as lost.
  std::uint64_t believed_for_a_time = 0;
};

HeldByARun held_by(const RunResult& result);

// "5 connections (2 more wait for accept(), 1 more that only their clients know), 3 lost"
std::string held_words(const HeldByARun& held);

}  // namespace netlimits::report
