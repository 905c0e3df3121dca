// One reader for each law of arrival and of hold time, and the bound on the last arrival.
#include "scenarios/arrival_loader.hpp"

#include <fmt/format.h>

#include "scenarios/json/quantity.hpp"
#include "scenarios/scenario_keys.hpp"

namespace netlimits::scenarios {
namespace {

std::optional<std::uint64_t> per_second_of(const Field& field) {
  const auto rate = rate_of(field);
  if (!rate) return std::nullopt;
  const auto thousandths = thousandths_per_second(*rate);
  if (!thousandths || *thousandths == 0) field.refuse("a rate that is a whole number of thousandths a second");
  return thousandths;
}

// A ramp may begin at no rate at all.
std::optional<std::uint64_t> per_second_or_zero(const Field& field) {
  const JsonNode& node = field.node();
  if ((node.kind == JsonKind::integer && node.integer == 0) || (node.kind == JsonKind::string && node.text == "0/s")) {
    return 0;
  }
  return per_second_of(field);
}

Arrivals load_ramp(const Field& field) {
  const ObjectReader reader(field, ramp_keys);
  RampRate ramp;
  if (const auto from = reader.need("from", "the rate it begins with")) {
    ramp.from_milli = per_second_or_zero(*from).value_or(0);
  }
  if (const auto to = reader.need("to", "the rate it reaches and keeps")) {
    ramp.to_milli = per_second_of(*to).value_or(1);
  }
  if (const auto over = reader.need("over", "how long it takes")) {
    ramp.over = duration_of(*over, Duration(1)).value_or(Duration(1));
  }
  return ramp;
}

// The last connection must begin within the longest time that this program counts.
void check_last(const Field& field, std::uint64_t connections, Duration interval) {
  if (connections > 1 && static_cast<std::uint64_t>(interval.count()) >
                             static_cast<std::uint64_t>(longest_duration.count()) / (connections - 1)) {
    field.complain(fmt::format("{} connections at this rate take longer than 100 years", connections));
  }
}

}  // namespace

Arrivals load_arrivals(const Field& field, std::uint64_t connections) {
  if (field.node().kind != JsonKind::object) {
    if (field.node().kind != JsonKind::string || field.node().text != "at_once") {
      field.refuse(R"("at_once", {"rate": "1000/s"}, {"poisson": "500/s"} or {"ramp": {"from", "to", "over"}})");
    }
    return AtOnce{};
  }
  const std::size_t before = field.errors().size();
  const ObjectReader reader(field, arrivals_keys);
  if (field.errors().size() != before) return AtOnce{};
  if (field.node().members.size() != 1) {
    field.complain("an arrival process has one of \"rate\", \"poisson\" and \"ramp\"");
    return AtOnce{};
  }
  if (const auto rate = reader.get("rate")) {
    const auto value = rate_of(*rate);
    if (!value) return AtOnce{};
    check_last(*rate, connections, interval_of(*value));
    return ConstantRate{interval_of(*value)};
  }
  if (const auto poisson = reader.get("poisson")) {
    const std::uint64_t thousandths = per_second_of(*poisson).value_or(1);
    // Ten times the mean of the whole: gaps are drawn, and a run of long ones must still fit.
    check_last(*poisson, connections > 1 ? connections * 10 : 1,
               Duration(static_cast<std::int64_t>(1'000'000'000'000ULL / std::max<std::uint64_t>(1, thousandths))));
    return PoissonRate{thousandths};
  }
  const Field ramp_field = *reader.get("ramp");
  const Arrivals ramp = load_ramp(ramp_field);
  check_last(ramp_field, connections,
             Duration(static_cast<std::int64_t>(1'000'000'000'000ULL /
                                                std::max<std::uint64_t>(1, std::get<RampRate>(ramp).to_milli))));
  return ramp;
}

Hold load_hold(const Field& field) {
  if (field.node().kind == JsonKind::object) {
    const ObjectReader reader(field, hold_keys);
    const auto mean = reader.need("exponential", "the mean");
    const auto value = mean ? duration_of(*mean, Duration(1)) : std::nullopt;
    return value ? Hold(HoldExponential{*value}) : Hold(HoldForever{});
  }
  if (field.node().kind == JsonKind::string && field.node().text == "forever") return HoldForever{};
  const bool number = field.node().kind == JsonKind::integer;
  const auto constant = field.node().kind == JsonKind::string ? parse_duration(field.node().text)
                        : number                              ? duration_of(field)
                                                              : std::nullopt;
  if (constant) return HoldConstant{*constant};
  if (!number) {
    field.refuse(R"("forever", a duration such as "60s" or "250ms", or {"exponential": "60s"})",
                 "units: ns, us, ms, s, min, h, d");
  }
  return HoldForever{};
}

}  // namespace netlimits::scenarios
