// Numbers of an array job become an index from 1.
#include "cli/sweep/shard.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "scenarios/json/input_error.hpp"

namespace netlimits::cli {
namespace {

using report::Shard;

constexpr std::uint64_t most_shards = 1'000'000;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || number > most_shards) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> number_of(const Variables& variables, const char* name) {
  const auto text = variables(name);
  return text ? whole_number(*text) : std::nullopt;
}

tl::expected<Shard, std::string> from_array_job(std::optional<std::uint64_t> count, const Variables& variables) {
  Shard shard;
  std::optional<std::uint64_t> counted;
  if (const auto task = number_of(variables, "SLURM_ARRAY_TASK_ID")) {
    const std::uint64_t first = number_of(variables, "SLURM_ARRAY_TASK_MIN").value_or(1);
    const std::uint64_t step = number_of(variables, "SLURM_ARRAY_TASK_STEP").value_or(1);
    if (step == 0 || *task < first || (*task - first) % step != 0)
      return tl::unexpected(
          fmt::format("SLURM_ARRAY_TASK_ID is {}, which is none of an array from {} on", *task, first));
    shard.index = (*task - first) / step + 1;
    counted = number_of(variables, "SLURM_ARRAY_TASK_COUNT");
  } else if (const auto completion = number_of(variables, "JOB_COMPLETION_INDEX")) {
    shard.index = *completion + 1;
    counted = number_of(variables, "JOB_COMPLETIONS");
  } else {
    return tl::unexpected<std::string>(
        "--shard auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; say --shard 1/4");
  }
  if (count) counted = count;
  if (!counted)
    return tl::unexpected<std::string>(
        "--shard auto: how many there are is not said; say --shard auto/4, or set "
        "JOB_COMPLETIONS");
  shard.of = *counted;
  return shard;
}

}  // namespace

std::optional<std::string> surrounding_variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

tl::expected<Shard, std::string> shard_in(std::string_view text, const Variables& variables) {
  if (text.empty()) return Shard{};
  const auto wrong = [&] {
    return tl::unexpected(fmt::format("--shard {}: expected the part and how many there are, such as 2/3, or auto",
                                      scenarios::in_quotes(text)));
  };
  const std::size_t slash = text.find('/');
  std::optional<std::uint64_t> count;
  if (slash != std::string_view::npos) {
    count = whole_number(text.substr(slash + 1));
    if (!count) return wrong();
  }
  tl::expected<Shard, std::string> shard = Shard{};
  if (text.substr(0, slash) == "auto") {
    shard = from_array_job(count, variables);
    if (!shard) return shard;
  } else {
    const auto index = whole_number(text.substr(0, slash));
    if (!index || !count) return wrong();
    shard = Shard{*index, *count};
  }
  if (shard->of == 0 || shard->index == 0 || shard->index > shard->of)
    return tl::unexpected(
        fmt::format("--shard {}: there is no part {} of {}", scenarios::in_quotes(text), shard->index, shard->of));
  return shard;
}

}  // namespace netlimits::cli
