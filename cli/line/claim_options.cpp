// A count, a rate and a share, each with a check of its spelling.
#include "cli/line/claim_options.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/json/input_error.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::cli {
namespace {

std::optional<analysis::SustainedRate> rate_in(const std::string& text) {
  const auto rate = scenarios::parse_rate(text);
  if (!rate) return std::nullopt;
  return analysis::SustainedRate{rate->thousandths, 1000 * static_cast<std::uint64_t>(rate->per.count())};
}

}  // namespace

void add_claims(CLI::App& command, analysis::CapacityClaims& claims) {
  command.add_option("--at-least", claims.at_least, "End with 1 unless so many are held before anything breaks")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9'223'372'036'854'775'807}))
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--sustains", [&claims](const std::string& text) { claims.sustains = rate_in(text); },
          "End with 1 unless each workload whose connections end sustains this rate: 500/s")
      ->check([](const std::string& text) {
        return rate_in(text) ? std::string()
                             : "expected a rate such as 500/s or 30/min, found " + scenarios::in_quotes(text);
      })
      ->type_name("RATE");
  command
      .add_option_function<std::string>(
          "--headroom", [&claims](const std::string& text) { claims.headroom = scenarios::parse_share(text); },
          "End with 1 unless this share of what is held at most, and of what is sustained, is left: 20%")
      ->check([](const std::string& text) {
        return scenarios::parse_share(text)
                   ? std::string()
                   : "expected a share such as 20% or 2.5%, found " + scenarios::in_quotes(text);
      })
      ->type_name("SHARE");
}

}  // namespace netlimits::cli
