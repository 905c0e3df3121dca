// A scenario as a value: hosts, paths, balancers, gateways, workloads, events, expectations. scenarios/ reads it from
// JSON; sim/ replays it, analysis/ solves it, live/ runs it on a kernel. It has been checked: names resolve, values are
// in range.
//
// Maps are ordered by name so that nothing that iterates them can depend on a hash.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/net/endpoint.hpp"
#include "model/net/time.hpp"
#include "model/path/conntrack_settings.hpp"
#include "model/path/nat_settings.hpp"
#include "model/scenario/basis.hpp"
#include "model/sockets/held_connection.hpp"
#include "model/systems/limit.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

struct OsProfile;  // model/systems/os_profile.hpp

// ---- how the server program takes connections in
struct AcceptImmediately {};  // as soon as one is queued, in zero time
struct AcceptStalled {};      // never
struct AcceptPaced {
  Duration interval{};
};  // one each `interval`, while any is queued
using AcceptPolicy = std::variant<AcceptImmediately, AcceptStalled, AcceptPaced>;

struct Listener {
  Endpoint endpoint{};         // the wildcard address is allowed
  std::int64_t backlog = 511;  // as passed to listen()
  AcceptPolicy accept{};
  bool reuse_port = false;  // each process instance has a listener of its own with SO_REUSEPORT
  bool inherited = false;   // one listener, opened before the fork, shared by all instances of the process
};

struct Process {
  std::string name{};
  std::uint64_t count = 1;
  std::uint64_t nofile = 1024;
  std::uint32_t own_descriptors = 3;  // open before listeners and connections
  std::uint32_t uid = 0;
  std::vector<Listener> listeners{};
};

// Ports that something outside the scenario already holds on the host by bind().
struct HeldPorts {
  IpAddress address{};
  PortRange ports{};
  bool listens = true;  // false: bound, but nobody is answered there
  bool operator==(const HeldPorts&) const = default;
};

// Connections of programs outside the scenario that are there when it begins, their ports chosen by connect(). They are
// alike but for their local ports.
struct HeldConnections {
  IpAddress from{};  // an address of the host, or a loopback one
  Endpoint to{};
  std::vector<PortRange> ports{};
  HeldConnectionState state = HeldConnectionState::open;
  Duration ends_after{};  // time_wait, fin_wait_2: how long they have yet
  bool operator==(const HeldConnections&) const = default;
};

// One limit of a measured host as it was found. `headroom` is in `unit`; `connections` says how many more outbound
// connections of one program it lets through, where it bounds them.
struct MeasuredLimit {
  std::string limit{};
  std::string place{};
  std::string unit{};
  std::optional<std::uint64_t> capacity{};
  std::optional<std::uint64_t> used{};
  std::optional<std::uint64_t> headroom{};
  std::optional<std::uint64_t> connections{};
  bool from_profile = false;  // the capacity is the profile's
  std::string note{};
  bool operator==(const MeasuredLimit&) const = default;
};

// Where the figures of a measured host come from. For the reader of a scenario: no engine looks at it.
struct HostOrigin {
  std::string format{};   // "netlimits.probe/1"
  std::string source{};   // what was measured: "this machine", "collected files"
  std::string kernel{};   // its release
  std::string summary{};  // what was asked and answered, in one sentence
  std::vector<MeasuredLimit> limits{};
  std::map<std::string, std::uint64_t> sockets{};  // by state
  std::vector<std::string> measured{};             // by the keys of the host, settings by their names
  std::vector<std::string> from_profile{};         // not measured: the profile's figure stands in
  std::vector<std::string> not_determined{};       // what could not be seen, one sentence each
  std::vector<std::string> notes{};                // what was taken to be so, one sentence each
  bool operator==(const HostOrigin&) const = default;
};

struct HostGroup {
  std::string name{};
  std::shared_ptr<const OsProfile> profile{};
  std::uint64_t count = 1;
  Settings settings{};
  std::map<std::string, std::string> set_by_scenario{};  // setting name -> value, as written; live/ writes these
  // Addresses of instance i are address.plus(i) for each block entry when count > 1 (consecutive), else as listed.
  std::vector<AddressBlock> addresses{};  // the interface addresses, expanded: of one instance
  std::uint64_t address_stride = 1;       // instance i's addresses are plus(i * stride)
  std::vector<HeldPorts> held_ports{};
  std::vector<HeldConnections> held_connections{};
  // Open files of the whole host at the beginning, whoever has them; what the entries here hold is among them.
  std::uint64_t open_files = 0;
  std::optional<ConntrackSettings> conntrack{};  // each host of the group has such a table; nothing: no rule tracks
  std::vector<Process> processes{};              // in the order of the file
  std::optional<HostOrigin> origin{};
};

struct Path {
  std::string a{};  // host group, balancer or gateway names
  std::string b{};
  Duration round_trip{};
};

// A pass-through balancer: rewrites the destination, keeps the client's address and port (no ports of its own).
struct Balancer {
  std::string name{};
  Endpoint endpoint{};
  std::vector<Endpoint> back_ends{};  // in rotation order
  Duration notices_after{};           // how long after a back end's host goes down the balancer stops choosing it, and
                                      // resets the connections it had there
};

// A gateway with source NAT: what the hosts behind it send to any host that is not, goes through it, with one of its
// addresses and a port of its own (model/path/gateway_flows.hpp).
struct Gateway {
  std::string name{};
  std::string kind{};                  // which device it is: its figures where the scenario says nothing else
  std::vector<std::string> hosts{};    // the host groups behind it
  std::vector<IpAddress> addresses{};  // in the order in which they are used
  NatSettings nat{};
  // What goes through it has entries in this table. Its time-outs are those of `nat`. Nothing: as many as there are.
  std::optional<ConntrackSettings> conntrack{};
};

// ---- how a client program binds
struct PlainConnect {};       // no bind(): the kernel chooses address and port
struct BindAddress {};        // bind(source, 0): an exclusive port
struct BindAddressNoPort {};  // IP_BIND_ADDRESS_NO_PORT, bind(source, 0), port chosen by connect()
struct BindExplicit {         // bind(source, port) with ports taken in turn
  std::vector<PortRange> ports{};
  bool reuse_address = false;
};
using BindStyle = std::variant<PlainConnect, BindAddress, BindAddressNoPort, BindExplicit>;

// ---- arrivals
struct AtOnce {};
struct ConstantRate {
  Duration interval{};
};  // the k-th at start + k * interval
struct PoissonRate {
  std::uint64_t per_second_milli = 0;
};                 // arrivals per 1000 seconds
struct RampRate {  // rate grows linearly; milli-arrivals per second
  std::uint64_t from_milli = 0;
  std::uint64_t to_milli = 0;
  Duration over{};
};
using Arrivals = std::variant<AtOnce, ConstantRate, PoissonRate, RampRate>;

struct HoldForever {};
struct HoldConstant {
  Duration time{};
};
struct HoldExponential {
  Duration mean{};
};
using Hold = std::variant<HoldForever, HoldConstant, HoldExponential>;

enum class Closer : std::uint8_t { client, server, reset };  // who sends the first FIN; reset: the client sends RST

struct Retry {
  std::uint32_t attempts = 0;  // further attempts after a failure, per connection
  Duration after{};            // waiting time before each
  bool reconnect = false;      // an established connection that is reset is opened anew (once per loss)
};

struct Workload {
  std::string name{};
  std::string from_host{};  // host group
  std::string from_process{};
  std::vector<Endpoint> to{};  // destinations (listeners or balancers), assigned as model/scenario/assignment.hpp says
  std::vector<IpAddress>
      sources{};  // of instance 0 (instance i: plus(i * stride)), assigned as model/scenario/assignment.hpp
                  // says; empty: the kernel chooses, or the first address where a bind style needs one
  std::uint64_t connections = 0;  // in all, spread over the host and process instances (model/scenario/assignment.hpp)
  Arrivals arrivals{};
  SimTime start{};
  Hold hold{};
  Closer closer = Closer::client;
  BindStyle bind{};
  Retry retry{};
};

// A program that passes on what it accepts: for each client's connection one of its own to a back end. When either
// ends, so does the other.
struct Proxy {
  std::string name{};
  std::string host{};          // host group
  std::string process{};       // what its listeners accept is passed on
  std::vector<Endpoint> to{};  // back ends, each instance of the process going round them in this order
  BindStyle bind{};            // of the connections to back ends
  std::vector<IpAddress> sources{};
  std::uint64_t worker_connections = 0;  // of each instance, both sides counted; 0: not bounded
};

// ---- events
struct HostDown {
  std::string host{};
  std::uint64_t instance = 0;
};
struct HostUp {
  std::string host{};
  std::uint64_t instance = 0;
};
struct BackEndDown {
  std::string balancer{};
  Endpoint back_end{};
};  // the balancer stops choosing it; the host lives
struct BackEndUp {
  std::string balancer{};
  Endpoint back_end{};
};
struct SettingChange {
  std::string host{};
  std::string name{};
  std::string value{};
};
struct AddressAdded {
  std::string host{};
  AddressBlock block{};
};
struct Event {
  SimTime at{};
  std::variant<HostDown, HostUp, BackEndDown, BackEndUp, SettingChange, AddressAdded> what{};
};

// ---- expectations
enum class Relation : std::uint8_t { equals, at_least, at_most, within };
// A JSON scalar: integer, string, boolean or null.
using Scalar = std::variant<std::nullptr_t, bool, std::int64_t, std::string>;
// What is claimed of the capacity, of a rate that goes on, or of one limit at one place, and not of a figure of a run.
enum class ClaimedFigure : std::uint8_t { capacity, sustained_rate, headroom, exhausted };
struct FigureClaim {
  ClaimedFigure figure{};
  std::optional<Limit> limit{};       // nothing: of everything together
  std::string place{};                // of the limit, as results print it: "server/web"
  std::string workload{};             // of a rate; empty: each whose connections end
  std::uint64_t at_least = 0;         // connections; of a rate thousandths; of headroom thousandths of the whole
  std::uint64_t per_nanoseconds = 0;  // of a rate: so many thousandths in 1,000 of them
  bool exhausted = false;             // whether the limit is to be
  std::string said{};                 // as the scenario spells what is asked for: "20%"
};
struct Expectation {
  std::string name{};
  std::string pointer{};  // into the result of `run --format json`; empty: `claim` has a value
  std::optional<FigureClaim> claim{};
  Relation relation = Relation::equals;
  Scalar expected{};               // equals; the bound of at_least / at_most
  std::int64_t low = 0, high = 0;  // within
};

struct Scenario {
  std::string name{};
  std::string description{};
  Basis basis{};
  std::uint64_t seed = 1;
  std::optional<SimTime> end{};      // stop here; nothing: when nothing is left to happen
  std::optional<Duration> window{};  // measure each workload per window of this length
  std::map<std::string, HostGroup> hosts{};
  std::map<std::string, Balancer> balancers{};
  std::map<std::string, Gateway> gateways{};
  std::vector<Path> paths{};
  std::map<std::string, Workload> workloads{};
  std::map<std::string, Proxy> proxies{};
  std::vector<Event> events{};  // by time
  std::vector<Expectation> expect{};
};

}  // namespace netlimits
