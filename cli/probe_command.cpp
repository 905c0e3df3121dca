// Looks at this machine or reads a directory of files, works out what is left, and prints it.
#include "cli/probe_command.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "analysis/headroom/headroom.hpp"
#include "cli/messages.hpp"
#include "cli/scenario_input.hpp"
#include "live/machine/machine_collector.hpp"
#include "model/addresses/own_addresses.hpp"
#include "model/machine/machine_host.hpp"
#include "report/forms/escaping.hpp"
#include "report/probe_report.hpp"
#include "scenarios/collected/directory.hpp"
#include "scenarios/collected/machine_reader.hpp"

namespace netlimits::cli {
namespace {

// connect() of a stream ends at once for the others, whatever the machine: ENETUNREACH, and EINVAL for a link-local
// address that names no interface.
bool can_be_reached(const IpAddress& address) {
  const AddressBits bits = AddressBits::of(address.unmapped());
  const bool everywhere = bits == AddressBits::v4(0xffffffffU);
  return !address.is_wildcard() && !address.is_multicast() && !everywhere && (bits.is_mapped() || !needs_device(bits));
}

tl::expected<std::optional<Endpoint>, std::string> destination(const std::string& text) {
  if (text.empty()) return std::optional<Endpoint>();
  const auto endpoint = Endpoint::parse(text);
  if (endpoint && endpoint->port.value != 0 && can_be_reached(endpoint->address)) return endpoint;
  return tl::unexpected("--to " + scenarios::in_quotes(text) +
                        ": expected an address that a host can have and a port, such as 10.1.0.9:443 or "
                        "[2001:db8::9]:443; names are not looked up");
}

// From this machine, or from the files of a directory: the same readers make a Machine of either.
tl::expected<Machine, std::string> machine_of(const ProbeArguments& arguments, const std::optional<Endpoint>& to,
                                              const scenarios::ProfileSet& profiles) {
  Collected collected;
  if (arguments.directory.empty()) {
    live::CollectWish wish;
    if (arguments.process) wish.process = *arguments.process;
    if (to) wish.towards = to->address;
    auto found = live::collect_machine(wish);
    if (!found) return tl::unexpected("netlimits: " + report::text_line(found.error()));
    collected = std::move(*found);
  } else {
    auto found = scenarios::collect_directory(arguments.directory);
    if (!found) return tl::unexpected(scenarios::text_of(found.error()));
    for (const std::string& note : found->notes) complain("netlimits: " + note);
    collected = std::move(found->collected);
  }
  auto machine = scenarios::read_machine(collected, profiles,
                                         {.profile = arguments.profile,
                                          .lenient = arguments.directory.empty(),
                                          .towards = to ? std::optional(to->address) : std::nullopt});
  if (!machine) return tl::unexpected(scenarios::text_of(machine.error()));
  return std::move(*machine);
}

tl::expected<report::ProbeReport, std::string> probe(const ProbeArguments& arguments) {
  const auto to = destination(arguments.to);
  if (!to) return tl::unexpected(to.error());
  const auto profiles = load_profiles(arguments.profile_directory);
  if (!profiles) return tl::unexpected(profiles.error());
  auto machine = machine_of(arguments, *to, *profiles);
  if (!machine) return tl::unexpected(machine.error());
  HostGroup host = host_of(*machine);
  analysis::Headroom headroom = analysis::headroom(*machine, host, *to);
  return report::make_probe_report(std::move(*machine), std::move(host), std::move(headroom));
}

}  // namespace

ExitCode probe_command(const ProbeArguments& arguments) {
  const auto report = probe(arguments);
  if (!report) {
    complain_of_lines(report.error());
    return ExitCode::bad_input;
  }
  const Forms forms{{Format::text, [&] { return report::probe_text(*report, arguments.output.style()); }},
                    {Format::json, [&] { return report::probe_json(*report); }},
                    {Format::markdown, [&] { return report::probe_markdown(*report); }},
                    {Format::html, [&] { return report::probe_html(*report); }}};
  return deliver(arguments.output, forms, ExitCode::holds);
}

}  // namespace netlimits::cli
