// One host: its addresses, settings, processes and sockets, answering each socket call as its system does.
//
// A Host composes rules; every rule has a file of its own (bind_conflict.hpp, automatic_connect_port.hpp, ...). It is
// pure: the time, the random lots and the arriving segments come in as arguments, and what leaves (segments, timers,
// notices) goes into an Effects value. Whoever drives it (sim/) delivers segments and fires timers.
//
// Reference: Linux 6.18. Switches for other kernels and systems are in OsProfile::rules.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "model/endpoint.hpp"
#include "model/held_connection.hpp"
#include "model/os_profile.hpp"
#include "model/refusal.hpp"
#include "model/rule.hpp"
#include "model/segment.hpp"
#include "model/time.hpp"

namespace netlimits {

class GroupDraws;

// A socket of one host. Never reused while a timer or notice for it can be pending (it carries a generation).
struct SocketId {
  std::uint32_t index = 0xffffffffU;
  std::uint32_t generation = 0;
  auto operator<=>(const SocketId&) const = default;
};

struct ProcessId {
  std::uint32_t value = 0;
  auto operator<=>(const ProcessId&) const = default;
};

enum class SocketType : std::uint8_t { stream, dgram };

// What the kernel's draw decides in an automatic port choice, passed in by the caller.
// `offset`: any 32-bit number; the rule reduces it to its own range.
// The comparison with a live kernel's choice uses the others. `demanded`: take this port if some draw could have given
// it, refuse otherwise. `none_demanded`: find no port if some draw finds none (one call does not search a range of odd
// size to the last port), choose by `offset` otherwise.
struct PortLot {
  std::uint32_t offset = 0;
  std::optional<Port> demanded{};
  bool none_demanded = false;
};

enum class TimerKind : std::uint8_t {
  syn_retransmission,
  synack_retransmission,
  time_wait,
  fin_wait_2,
  orphan,
  delayed_ack,
  data_retransmission,
};

struct TimerRequest {
  SimTime at{};
  SocketId socket{};
  TimerKind kind{};
  std::uint32_t round{};  // a later request of the same kind outdates earlier ones; the host ignores outdated timers
};

enum class NoticeKind : std::uint8_t {
  connected,       // a connect() in progress succeeded
  connect_failed,  // a connect() in progress failed; `error` says why
  acceptable,      // a listener's accept queue gained a connection; `socket` is the listener
  peer_closed,     // end of stream arrived (FIN)
  readable,        // data arrived
  reset,           // the connection was reset by the peer
  gone,  // the kernel dropped the socket's last state (TIME_WAIT over, FIN_WAIT_2 over): nothing holds the port
};

struct Notice {
  NoticeKind kind{};
  SocketId socket{};
  std::uint64_t user_data{};  // what the program attached to the socket (as epoll's data)
  std::optional<Refusal> error{};
};

// Counters of what the host dropped silently or destroyed, as nstat names them.
struct HostCounters {
  std::uint64_t listen_overflows = 0;     // TcpExtListenOverflows
  std::uint64_t listen_drops = 0;         // TcpExtListenDrops
  std::uint64_t syn_queue_drops = 0;      // TcpExtTCPReqQFullDrop
  std::uint64_t syncookies_sent = 0;      // TcpExtSyncookiesSent
  std::uint64_t time_wait_overflows = 0;  // TcpExtTCPTimeWaitOverflow
  std::uint64_t orphan_resets = 0;        // TcpExtTCPAbortOnMemory and its kin: closed at once by tcp_max_orphans
  std::uint64_t time_wait_recycled = 0;   // TcpExtTWRecycled: TIME_WAIT entries taken over by connect()
};

// What a call or an arriving segment caused outside the host. Appended to, never cleared, by the host.
struct Effects {
  std::vector<Segment> segments{};
  std::vector<TimerRequest> timers{};
  std::vector<Notice> notices{};
  void clear() {
    segments.clear();
    timers.clear();
    notices.clear();
  }
};

enum class TcpState : std::uint8_t {
  closed,
  listen,
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
};

enum class Option : std::uint8_t {
  reuse_address,     // SO_REUSEADDR
  reuse_port,        // SO_REUSEPORT
  v6_only,           // IPV6_V6ONLY
  bind_no_port,      // IP_BIND_ADDRESS_NO_PORT
  free_bind,         // IP_FREEBIND
  transparent,       // IP_TRANSPARENT
  local_port_range,  // IP_LOCAL_PORT_RANGE: low | high << 16
  linger,            // SO_LINGER: -1 off, else seconds
  error,             // SO_ERROR (get only)
  bind_to_device,    // SO_BINDTODEVICE: 0 none, 1 "lo", 2 and up: HostConfig::devices in their order
  accept_conn,       // SO_ACCEPTCONN (get only)
};

struct ProcessConfig {
  std::string name{};
  std::uint64_t nofile = 1024;        // descriptors 0 .. nofile-1
  std::uint32_t own_descriptors = 3;  // open before the first socket, numbers 0 ..
  std::uint32_t uid = 0;
  bool privileged = true;  // CAP_NET_BIND_SERVICE and CAP_NET_RAW over the namespace
};

struct HostConfig {
  std::string name{};
  std::shared_ptr<const OsProfile> profile{};
  Settings settings{};                    // the profile's, changed by the scenario
  std::vector<AddressBlock> addresses{};  // loopback (127.0.0.1/8, ::1/128) is added by the host itself
  std::vector<AddressBlock> any_ip{};     // blocks under a `local` route: every address in them is the host's own
  std::vector<std::string> devices{};     // names that SO_BINDTODEVICE knows besides "lo"
  // The addresses are on the loopback device: nothing else is within reach, and a prefix shorter than /32 makes every
  // address in it the host's own.
  bool addresses_on_loopback = false;
  // Who takes a connection in a SO_REUSEPORT group; nothing: the host's own hash decides.
  std::shared_ptr<GroupDraws> group_draws{};
  // false: no default route; only the subnets of the host's own addresses are within reach (else ENETUNREACH).
  bool default_route = true;
};

// Occupancy of one process's descriptors.
struct DescriptorUse {
  std::uint64_t open = 0;
  std::uint64_t peak = 0;
  std::uint64_t limit = 0;
};

struct SocketView {  // a copy of what getsockname(), getpeername(), ss would tell
  ProcessId process{};
  SocketType type = SocketType::stream;
  TcpState state = TcpState::closed;
  Endpoint local{};  // as the program spells it: v4-mapped for an IPv6 socket on IPv4
  std::optional<Endpoint> remote{};
  bool connect_bound = false;   // its port was chosen by connect(): connect() may share it
  std::uint32_t queued = 0;     // listener: connections in the accept queue
  std::uint32_t half_open = 0;  // listener: requests in the SYN queue
  std::uint32_t backlog = 0;    // listener: min(backlog, somaxconn)
  std::uint64_t user_data = 0;
};

class Host {
 public:
  explicit Host(HostConfig config);
  // Shares the configuration: hosts that differ in nothing but their addresses need one of it. Has these addresses
  // beside the configuration's. Requires: not null.
  explicit Host(std::shared_ptr<const HostConfig> config, std::span<const AddressBlock> addresses = {});
  Host(Host&&) noexcept;
  Host& operator=(Host&&) noexcept;
  ~Host();

  const HostConfig& config() const;
  const Settings& settings() const;
  Outcome<void> write_setting(std::string_view name, std::string_view text);  // at run time, as sysctl -w
  void add_address(AddressBlock block);

  ProcessId add_process(ProcessConfig config);
  // Ends the process: closes all its descriptors as exit() does. Later calls on its sockets are EBADF.
  void exit_process(ProcessId process, SimTime now, Effects& effects);
  // The sockets of the process in the order in which its exit closes them, those that others share left out.
  std::vector<SocketId> closing_order(ProcessId process) const;

  // ---- socket calls. A call on a closed or unknown socket is EBADF.
  Outcome<SocketId> socket(ProcessId process, Family family, SocketType type);
  Outcome<void> set_option(SocketId socket, Option option, std::int64_t value);
  // Is it an option that this socket can be asked to change? Tested before its value is looked at.
  Outcome<void> has_option(SocketId socket, Option option) const;
  Outcome<std::int64_t> get_option(SocketId socket, Option option);  // Option::error clears the pending error
  Outcome<std::optional<Error>> take_error(SocketId socket);         // SO_ERROR with its value as an Error
  Outcome<void> bind(SocketId socket, Endpoint local, PortLot lot);
  Outcome<void> listen(SocketId socket, std::int64_t backlog, PortLot lot);
  // Starts a TCP connection (the result comes as a notice; on loopback the SYN is in effects.segments like any other)
  // or sets a UDP socket's peer at once. `blocking` only decides the errno of a repeated call.
  Outcome<void> connect(SocketId socket, Endpoint remote, PortLot lot, SimTime now, Effects& effects);
  Outcome<void> disconnect(SocketId socket, SimTime now, Effects& effects);  // connect() to AF_UNSPEC
  // EAGAIN when the queue is empty; EMFILE before the queue is looked at.
  Outcome<SocketId> accept(SocketId listener, SimTime now, Effects& effects);
  Outcome<Endpoint> local_name(SocketId socket) const;  // getsockname
  Outcome<Endpoint> peer_name(SocketId socket) const;   // getpeername
  Outcome<std::uint32_t> send(SocketId socket, std::uint32_t bytes, std::optional<Endpoint> to, PortLot lot,
                              SimTime now, Effects& effects);
  // One recv() with a large buffer. 0: end of stream. EAGAIN: nothing there.
  Outcome<std::uint32_t> receive_data(SocketId socket, SimTime now, Effects& effects);
  Outcome<void> shutdown(SocketId socket, bool read, bool write, SimTime now, Effects& effects);
  Outcome<void> close(SocketId socket, SimTime now, Effects& effects);
  // A connection that is there already (model/held_connection.hpp). EADDRNOTAVAIL when its four-tuple is taken.
  Outcome<SocketId> hold_connection(ProcessId process, const HeldConnection& held, SimTime now, Effects& effects);
  // Shares a listener with another process (an inherited descriptor): both hold a descriptor for the same socket.
  Outcome<void> inherit(SocketId socket, ProcessId by);
  // accept() called by a process that shares the listener.
  Outcome<SocketId> accept_in(SocketId listener, ProcessId process, SimTime now, Effects& effects);
  // Other descriptors (files, pipes). Returns how many of `count` were opened before the first refusal.
  std::uint64_t open_files(ProcessId process, std::uint64_t count);
  void close_files(ProcessId process, std::uint64_t count);
  // Would socket() be refused now, and with what?
  std::optional<Refusal> descriptor_refusal(ProcessId process) const;

  void set_user_data(SocketId socket, std::uint64_t user_data);
  // O_NONBLOCK. A blocking connect() (the default) ends with its notice, which takes the error with it. A nonblocking
  // one leaves the error to SO_ERROR, and the socket is `connecting` until the next connect() tells the outcome.
  void set_nonblocking(SocketId socket, bool nonblocking);
  // A caller of a blocking connect() has run out of patience (SO_SNDTIMEO), and its connection goes on as a nonblocking
  // one's; or it has come back to wait. Nothing to a socket without a connection under way.
  void set_waiting(SocketId socket, bool waiting);
  // Would accept() or receive_data() return something else than EAGAIN? As poll()'s POLLIN or POLLERR; takes nothing.
  bool readable(SocketId socket) const;

  // ---- the network side
  bool owns(IpAddress address) const;  // would a segment to this address be taken in?
  void deliver(const Segment& segment, SimTime now, Effects& effects);
  void on_timer(const TimerRequest& timer, SimTime now, Effects& effects);
  // The host loses power: every socket is gone without a word.
  void lose_everything();

  // ---- observation
  bool alive(SocketId socket) const;       // known in any state, TIME_WAIT included
  SocketView view(SocketId socket) const;  // Requires: alive(socket).
  DescriptorUse descriptors(ProcessId process) const;
  DescriptorUse files() const;  // the host's file table: open files of all processes, fs.file-max
  std::uint64_t time_wait_count() const;
  std::uint64_t peak_time_wait() const;
  std::uint64_t orphan_count() const;
  const HostCounters& counters() const;
  // Calls `visit` for every socket, TIME_WAIT entries included, in order of creation.
  void each_socket(const std::function<void(SocketId, const SocketView&)>& visit) const;
  // The ports that an automatic choice of this kind could take now under some draw (for tests and comparison).
  std::vector<Port> connect_candidates(SocketId socket, Endpoint remote, SimTime now) const;
  std::vector<Port> bind_candidates(SocketId socket, IpAddress address) const;
  // The rules that have decided something on this host so far.
  const RuleSet& rules_reached() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netlimits
