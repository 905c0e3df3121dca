// A refusal is a value: the limit and the error that a real kernel gives. It is no exception.
#pragma once

#include <compare>
#include <optional>

#include <tl/expected.hpp>

#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

struct Refusal {
  Error error;
  // The limit behind it; nothing when the call was wrong in itself (EINVAL, EACCES, ...).
  std::optional<Limit> limit;
  Rule rule;  // that decided

  auto operator<=>(const Refusal&) const = default;
};

template <class T>
using Outcome = tl::expected<T, Refusal>;

inline tl::unexpected<Refusal> refuse(Error error, Rule rule) {
  return tl::unexpected<Refusal>(Refusal{error, std::nullopt, rule});
}
inline tl::unexpected<Refusal> refuse(Error error, Limit limit, Rule rule) {
  return tl::unexpected<Refusal>(Refusal{error, limit, rule});
}

}  // namespace netlimits
