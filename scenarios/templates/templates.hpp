// Scenarios to begin with: the usual shapes as files (scenarios/templates/*.json), one around a measured host, and one
// of a line of options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

std::vector<std::string> template_names();
// Nothing: there is no such template.
std::optional<std::string_view> template_named(std::string_view name);

// A scenario whose client is a host as `netlimits probe --format json` prints it: one of its programs opens connections
// to `to`, whose host is made for it. Refused: no JSON object, a host without a program, an endpoint that is none.
// `name` is how errors call the text. What else is wrong with the host, the loader tells of the scenario.
Loaded<std::string> scenario_around_host(std::string_view host_json, std::string name, const std::string& to);

// So many like clients and servers. What is not said is left to the loader, or is as written here.
struct OneLine {
  std::uint64_t clients = 1;
  std::uint64_t servers = 1;
  std::uint64_t port = 443;
  std::optional<std::uint64_t> nofile{};  // of each program at both ends
  std::optional<std::uint64_t> backlog{};
  std::optional<std::uint64_t> connections{};  // 100,000; with a rate as many as come in two minutes
  std::string rate{};                          // "500/s"; empty: all at once
  std::string hold{};                          // "2s"; empty: for ever
  std::string round_trip{};                    // "1ms"; empty: no path is said
  std::string profile{};                       // of all hosts
  std::string ports{};                         // of the clients: "1024 65535"
};

// The scenario, in the layout of those that are shipped. `line`: what was typed, for its description.
std::string scenario_text(const OneLine& options, const std::string& line);

}  // namespace netlimits::scenarios
