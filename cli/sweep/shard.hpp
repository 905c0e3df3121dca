// Which part of a sweep this machine works out.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "report/sweep/sweep_table.hpp"

namespace netlimits::cli {

// The value of an environment variable; nothing: it is not set.
using Variables = std::function<std::optional<std::string>(const char* name)>;
std::optional<std::string> surrounding_variable(const char* name);

// "2/3": the second of three; "" all of it. "auto": what an array job says: SLURM_ARRAY_TASK_ID with _MIN, _STEP and
// _COUNT, or JOB_COMPLETION_INDEX (from 0) of a Kubernetes indexed job with JOB_COMPLETIONS; "auto/3" where the count
// is not said there. The error is a sentence.
tl::expected<report::Shard, std::string> shard_in(std::string_view text, const Variables& variables);

}  // namespace netlimits::cli
