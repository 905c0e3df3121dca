// The rules that a system follows: which rows of the rule book are in force, and the figures among the rules.
#pragma once

#include <cstdint>

#include "model/systems/error.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

// Which question a system asks when it picks a port for an outbound connection.
enum class PortSharing : std::uint8_t {
  four_tuple,       // free if the whole four-tuple is unused
  local_addr_port,  // free if no socket holds the port on this local address
  host_port,        // free if no socket of the host holds the port, on any address
};

// How many completed connections a listener's accept queue holds for a backlog b (already cut to somaxconn).
enum class AcceptQueueRule : std::uint8_t {
  backlog_plus_one,       // Linux: b + 1
  three_halves_plus_one,  // FreeBSD, macOS: 3 * b / 2 + 1
  backlog,                // b
};

// Every row of the book that the newest Linux has (model/systems/rule_book.hpp).
const RuleSet& newest_rules_of_linux();

// Those of Linux, unless said otherwise.
struct Rules {
  RuleSet in_force = newest_rules_of_linux();
  bool has(Rule rule) const { return in_force.has(rule); }
  void set(Rule rule, bool holds) { in_force.set(rule, holds); }

  PortSharing connect_sharing = PortSharing::four_tuple;     // plain connect()
  PortSharing bound_sharing = PortSharing::local_addr_port;  // bind(address, 0)
  AcceptQueueRule accept_queue = AcceptQueueRule::backlog_plus_one;

  Error ports_exhausted_connect = Error::eaddrnotavail;  // connect() without a free port
  Error ports_exhausted_bind = Error::eaddrinuse;        // bind(address, 0) without a free port
  Error descriptors_exhausted = Error::emfile;
  Error files_exhausted = Error::enfile;
  Error four_tuple_taken = Error::eaddrnotavail;
  Error address_in_use = Error::eaddrinuse;
  Error connection_refused = Error::econnrefused;
  Error connection_reset = Error::econnreset;
  Error timed_out = Error::etimedout;

  bool operator==(const Rules&) const = default;
};

// The same rules but for one.
inline Rules without(Rule rule, Rules rules = {}) {
  rules.set(rule, false);
  return rules;
}

}  // namespace netlimits
