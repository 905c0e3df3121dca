// Open files of the whole host (fs/file_table.c, alloc_empty_file(); kern.maxfiles of macOS and FreeBSD).
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <limits>

#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

std::string_view name_of_file_max(const HostGroup& host) {
  return host.profile->system == "linux" ? "fs.file-max" : "kern.maxfiles";
}

std::vector<DialPlace> file_max_against(const Scenario&, const Wiring&, const PlacedLimit& limit) {
  return limit.limit == Limit::fd_per_host ? its_host(limit) : std::vector<DialPlace>{};
}

std::optional<DialRange> file_max_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const HostGroup& host = host_at(scenario, place);
  if (!has_setting(host, name_of_file_max(host))) return std::nullopt;
  const auto most =
      static_cast<std::uint64_t>(host.profile->system == "linux" ? std::numeric_limits<std::int64_t>::max()
                                                                 : std::numeric_limits<std::int32_t>::max());
  return DialRange{host.settings.file_max, most};
}

void turn_file_max(Scenario& scenario, const DialPlace& place, std::uint64_t, std::uint64_t figure) {
  HostGroup& host = host_at(scenario, place);
  set(host, name_of_file_max(host), fmt::format("{}", figure));
}

std::string file_max_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", host_at(scenario, place).settings.file_max);
}

SettingLines file_max_settings(const Scenario& scenario, const DialPlace& place) {
  return {{std::string(name_of_file_max(host_at(scenario, place))), file_max_value(scenario, place)}};
}

}  // namespace

Knob file_max_knob() {
  return {.name = "file_max",
          .unit = "open files",
          .cost = {.once = 1},
          .against = file_max_against,
          .range = file_max_range,
          .turn = turn_file_max,
          .value = file_max_value,
          .settings = file_max_settings};
}

}  // namespace netlimits::analysis
