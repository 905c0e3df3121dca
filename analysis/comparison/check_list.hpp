// The checks of a comparison as they are made, and the few ways in which two figures can be held against each other.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "analysis/comparison/comparison.hpp"
#include "analysis/interval.hpp"
#include "model/scenario/json_pointer.hpp"

namespace netlimits::analysis {

// The interval around a count that may come out this much lower or higher.
Interval around(std::uint64_t count, std::uint64_t slack);

class CheckList {
 public:
  std::vector<Check> take() { return std::move(checks_); }

  // What the following checks are about, in words, beside their pointers: "EADDRNOTAVAIL at client -> 10.1.0.9:443".
  void about(std::string what) { what_ = std::move(what); }

  void add(std::string metric, Figure predicted, Figure observed, CheckVerdict verdict, std::string why = {});
  // Equal, or different.
  void exact(std::string metric, std::uint64_t predicted, std::uint64_t observed);
  // Inside the interval, whose width `why` explains.
  void within(std::string metric, Interval predicted, std::uint64_t observed, const std::string& why);
  // Equal, or left open for this reason.
  void equal_or_open(std::string metric, std::uint64_t predicted, std::uint64_t observed, const std::string& why);
  // A count that follows the clock: a twentieth and a few either way, or left open.
  void near_or_open(std::string metric, std::uint64_t predicted, std::uint64_t observed, const std::string& why);
  // ... or different.
  void near(std::string metric, std::uint64_t predicted, std::uint64_t observed, const std::string& why);
  // Inside `inner`: agrees. Inside `outer`: a machine under load can do that, so it is left open. Else different.
  void within_reason(std::string metric, std::uint64_t predicted, Interval inner, Interval outer,
                     std::uint64_t observed, const std::string& why);
  // Whether it happened at all; how often is the affair of programs and timers.
  void happened(std::string metric, std::uint64_t predicted, std::uint64_t observed, const std::string& why);
  void unseen(std::string metric, std::uint64_t predicted, const std::string& why);

 private:
  std::vector<Check> checks_{};
  std::string what_{};
};

}  // namespace netlimits::analysis
