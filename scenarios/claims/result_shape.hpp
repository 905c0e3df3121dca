// What a pointer into the result of `run` leads to, known before anything has run: which keys there are, whose names
// the scenario gives, and what kind of value stands there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/scenario/scenario.hpp"

namespace netlimits::scenarios {

enum class ResultValue : std::uint8_t {
  count,   // a whole number, or null
  text,    // any string
  limit,   // an identifier of a limit
  error,   // the name of an error
  place,   // the text of a place
  flag,    // true or false
  object,  // several values, or a list
  binding  // /binding_limit: an object, or null
};

// `trouble`: what is wrong with the pointer, a clause; empty: it leads somewhere, to a value of that kind. What a list
// holds is known when the run has ended: any index of failures, windows and limits leads somewhere.
struct ResultTarget {
  ResultValue value = ResultValue::object;
  std::string trouble{};
  std::string hint{};
};
ResultTarget target_of(std::string_view pointer, const Scenario& scenario);

// What is wrong with a text that is to be a place of the scenario: a host, process or balancer that it does not have.
ResultTarget place_of(std::string_view words, const Scenario& scenario);

}  // namespace netlimits::scenarios
