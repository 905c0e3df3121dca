// A run of the model along a run of a kernel.
//
// What the kernel drew and told (a port) the model takes over, if its rules allow it. Which listener of a
// SO_REUSEPORT group took a connection the kernel does not tell: all ways to draw are tried until one agrees.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "model/script/script.hpp"
#include "model/sockets/group_draws.hpp"

namespace netlimits::fuzz {

struct FollowedRun {
  ScriptRun model{};
  std::optional<std::size_t> difference{};  // the first step that differs; nothing: they agree
};

// `model` runs the script with these draws; `difference` is the first step in which the model's run differs from the
// kernel's. Of runs that all differ the one that goes along the longest is given: it says the most.
FollowedRun follow(const ScriptRun& kernel, const std::function<ScriptRun(const std::shared_ptr<GroupDraws>&)>& model,
                   const std::function<std::optional<std::size_t>(const ScriptRun&, const ScriptRun&)>& difference);

}  // namespace netlimits::fuzz
