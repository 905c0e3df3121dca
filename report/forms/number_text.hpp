// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

#include "analysis/interval.hpp"
#include "model/net/time.hpp"

namespace netlimits::report {

std::string grouped(std::uint64_t value);                      // "28,232"
std::string grouped(const analysis::Interval& interval);       // "28,231 to 28,232", or the one figure
std::string counted(std::uint64_t value, const char* things);  // "1 connection", "2 connections"; `things`: plural in s
std::string counted(const analysis::Interval& value, const char* things);  // "2 to 3 connections"
std::string seconds_text(Duration time);  // "28.232 s", "0.001 s": exact, no trailing zeros
inline std::string moment(SimTime at) { return seconds_text(at.time_since_epoch()); }

}  // namespace netlimits::report
