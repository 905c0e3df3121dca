// Which error a limit shows at its place.
#pragma once

#include <optional>

#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::report {

// What a program sees when this limit refuses it, by the rules of the host whose place it is. Nothing: no call tells,
// or not all programs see the same.
std::optional<Error> error_of(const Scenario& scenario, Limit limit, const Place& place);

}  // namespace netlimits::report
