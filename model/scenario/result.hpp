// What happened when a scenario ran, on the model (sim/) or on a kernel (live/): the same values, so that the two can
// be compared metric by metric. report/ prints it (contract, section 5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/net/time.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"

namespace netlimits {

// One kind of failure of one workload, as the client saw it, at one place.
struct Failure {
  Limit limit{};
  Place place{};
  Error error{};
  std::uint64_t count = 0;
  SimTime first_at{};
  // Connections of the workload let through before the first of these failures: established or, when a call was refused
  // at once, still under way at that moment.
  std::uint64_t first_after_established = 0;
};

// By first_at, then limit, the text of the place, and error.
void put_in_printed_order(std::vector<Failure>& failures);

struct WindowCount {
  SimTime from{};
  std::uint64_t attempted = 0;
  std::uint64_t established = 0;
  std::uint64_t failed = 0;
};

struct WorkloadResult {
  std::uint64_t attempted = 0;    // calls that began, retries included
  std::uint64_t established = 0;  // as the client saw it
  std::uint64_t failed = 0;
  std::uint64_t open_at_end = 0;
  std::uint64_t peak_open = 0;
  std::uint64_t lost = 0;            // established, then reset or vanished with a dead host
  std::uint64_t reconnected = 0;     // of those, opened anew
  std::uint64_t pending_at_end = 0;  // still connecting
  // Still connecting when their own host went down: nobody is left to be told. attempted is the sum of established,
  // failed, pending_at_end and these.
  std::uint64_t vanished = 0;
  std::vector<Failure> failures{};     // in printed order
  std::vector<WindowCount> windows{};  // when the scenario asks for them
};

struct ProcessResult {  // all instances of one process of one host group
  std::uint64_t accepted = 0;
  std::uint64_t accepted_least = 0;  // by the instance with the fewest
  std::uint64_t accepted_most = 0;
  std::uint64_t refused_accepts = 0;   // times that accept() met a descriptor limit with a connection queued
  std::uint64_t descriptors_peak = 0;  // of the instance with the most
  std::uint64_t descriptors_limit = 0;
  std::uint64_t queued_at_end = 0;  // connections in its accept queues
};

struct HostResult {  // all instances of one host group
  std::map<std::string, ProcessResult> processes{};
  // Sockets in TIME_WAIT, of all instances together: at one moment at most, and at the end.
  std::uint64_t time_wait_peak = 0;
  std::uint64_t time_wait_at_end = 0;
  std::uint64_t listen_overflows = 0;
  std::uint64_t listen_drops = 0;
  std::uint64_t syncookies_sent = 0;
  std::uint64_t time_wait_overflows = 0;
};

struct BackEndResult {
  std::string endpoint{};
  std::uint64_t connections = 0;  // sent there in all
  std::uint64_t open_at_end = 0;  // taken by its kernel, accepted or not, and not ended
};

// One instance of a limit that was used, worst instance of a group.
struct LimitUse {
  Limit limit{};
  Place place{};
  std::uint64_t capacity = 0;
  std::uint64_t peak = 0;
  bool exhausted = false;  // something was refused because of it
  std::optional<SimTime> first_exhausted_at{};
};

// When the limit that binds did so first, and how many connections each workload had been let through by then, counted
// as in Failure::first_after_established.
struct FirstBreak {
  SimTime at{};
  std::map<std::string, std::uint64_t> let_through{};
  // Of these: established for a client that no call told of the refusal, as it was the server's program that met it.
  std::uint64_t refused = 0;
};

struct RunResult {
  SimTime ended_at{};
  std::uint64_t seed = 0;
  // Connections that a client has open and a server program has accepted, all at one moment.
  std::uint64_t held_peak = 0;
  // Open at the end for their clients and neither accepted nor waiting: the server dropped the last segment of the
  // handshake, or closed, or is gone, and the client has not heard of it.
  std::uint64_t believed_at_end = 0;
  std::map<std::string, WorkloadResult> workloads{};
  std::map<std::string, HostResult> hosts{};
  std::map<std::string, std::vector<BackEndResult>> balancers{};
  // Of each proxy the connections that it made to back ends: those of its clients are among the workloads'.
  std::map<std::string, WorkloadResult> proxies{};
  std::vector<LimitUse> limits{};  // in printed order
  // The limit of the first failure, server side included; a queue by its own place, where `limits` has it.
  std::optional<PlacedLimit> binding{};
  // No failure, and no program that met the limit: SYNs were dropped there, and the run, or the client's host, ended
  // before their clients were told.
  bool untold = false;
  // Nothing: of a real kernel, where no one sees all workloads at one moment, and where nobody was told.
  std::optional<FirstBreak> first_break{};
};

// A client that no queue had room for knows whom it called, and not where the queue is: the place of the first one that
// was full behind what it called. One that called a balancer knows nothing of the back end that nobody answers at: the
// first of them. All else, and where none was seen full: as it is.
PlacedLimit at_full_queue(const Scenario& scenario, const PlacedLimit& met, const std::vector<LimitUse>& limits);

// accept() without a descriptor while a connection waited.
struct SeenRefusedAccept {
  PlacedLimit limit;
  std::string host;
  SimTime first_at;
  std::optional<SimTime> since;  // nothing: all that waited have been served
};

// Which limit was met first where nobody sees all of a run at one moment: from what its clients were told and its
// servers counted. An accept() that was refused is a failure only of whoever waits to the end, or found no room behind
// those that wait.
class WhatBinds {
 public:
  void failed(const PlacedLimit& limit, SimTime at) { keep_earlier(first_failure_, limit, at); }
  void refused(const SeenRefusedAccept& accept) { refused_.push_back(accept); }
  void overflowed(const PlacedLimit& queue, SimTime at) { keep_earlier(first_overflow_, queue, at); }

  // Nothing: whoever came late was served. `unserved`: connections in accept queues at the end; `missing`: those that
  // clients have had and no server took, these included.
  std::optional<PlacedLimit> first(const Scenario& scenario, const RunResult& result, std::uint64_t unserved,
                                   std::uint64_t missing) const;

 private:
  using Met = std::optional<std::pair<PlacedLimit, SimTime>>;
  static void keep_earlier(Met& kept, const PlacedLimit& limit, SimTime at) {
    if (!kept || at < kept->second) kept = std::pair(limit, at);
  }

  Met first_failure_;
  Met first_overflow_;
  std::vector<SeenRefusedAccept> refused_;
};

}  // namespace netlimits
