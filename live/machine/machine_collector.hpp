// Collects what this machine says of its limits and of their use. Only looks: nothing is written anywhere, no socket is
// bound, nothing is sent.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "model/machine/collected.hpp"
#include "model/net/address.hpp"

namespace netlimits::live {

struct CollectWish {
  std::optional<pid_t> process{};      // nothing: what a program started from here would have
  std::optional<IpAddress> towards{};  // whose source address matters
};

// Works for any user: what this one may not read is named in Collected::not_determined, and what belongs to another
// network namespace is never taken for the process's own. The error is a sentence: there is no such process.
tl::expected<Collected, std::string> collect_machine(const CollectWish& wish);

}  // namespace netlimits::live
