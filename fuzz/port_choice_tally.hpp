// Ports that the model says an automatic choice can give, and that a kernel never takes.
//
// The model follows whatever port a kernel chose, if its rule allows it. One that allows too much therefore agrees with
// every single case; only many choices together show what never comes.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_result.hpp"
#include "model/script/script.hpp"

namespace netlimits::fuzz {

class PortChoiceTally {
 public:
  // Counts the choices (ScriptRun) of a run of the model that followed a kernel and agreed with it. Whatever has become
  // certain by it is in the answer, each kind of choice once. Certain: by the model the port should have come
  // `certainty` times on average, and it never came. A kernel that does draw it is accused with a chance of e^-30.
  std::vector<NeverTakenPort> add(std::span<const PortChoice> choices, std::uint64_t case_number);

  static constexpr std::uint64_t certainty = 30;

 private:
  struct Kind {
    std::string_view rule;
    bool reuse_address;
    bool own_range;
    std::vector<std::uint16_t> candidates;
    std::strong_ordering operator<=>(const Kind&) const = default;
  };
  struct Count {
    std::uint64_t choices = 0;
    std::uint64_t first_case = 0;
    std::uint64_t expected = 0;  // how often each candidate should have come at least, in units of 1/65536
    std::map<std::uint16_t, std::uint64_t> taken;
    bool told = false;
  };

  std::map<Kind, Count> counts_;
};

}  // namespace netlimits::fuzz
