// One host: its addresses, settings, processes and sockets, answering each socket call as its system does.
//
// A Host composes: OwnAddresses, SocketTable, ProcessTable, PortSpace, TcpStack and UdpStack have the tables and the
// rules. Here a call finds its socket, goes to the protocol, and takes or gives back descriptors. It is pure: the time,
// the random draws and the arriving segments come in as arguments, and what leaves (segments, timers, notices, drops)
// goes into an Effects value. Whoever drives it (sim/) delivers segments and fires timers. One thread at a time.
//
// Reference: Linux 6.18. Where a system names another error for the same refusal, OsProfile::rules says which.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/net/endpoint.hpp"
#include "model/net/segment.hpp"
#include "model/net/time.hpp"
#include "model/ports/port_draw.hpp"
#include "model/sockets/effects.hpp"
#include "model/sockets/held_connection.hpp"
#include "model/sockets/host_config.hpp"
#include "model/sockets/socket.hpp"
#include "model/sockets/socket_view.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

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
  // At run time, as sysctl -w: EINVAL for a value that the kernel does not take. Requires: the system has the setting.
  Outcome<void> write_setting(std::string_view name, std::string_view text);
  void add_address(AddressBlock block);

  // ---- processes. Requires, here and below: the process is of this host.
  ProcessId add_process(ProcessConfig config);
  // Ends the process: closes all its descriptors as exit() does. Later calls on its sockets are EBADF. Nothing when it
  // has ended already.
  void exit_process(ProcessId process, SimTime now, Effects& effects);
  // The sockets of the process in the order in which its exit closes them, those that others share left out.
  std::vector<SocketId> closing_order(ProcessId process) const;
  // Other descriptors (files, pipes). Returns how many of `count` were opened before the first refusal; 0 for a process
  // that has ended.
  std::uint64_t open_files(ProcessId process, std::uint64_t count);
  void close_files(ProcessId process, std::uint64_t count);
  // Would socket() be refused now, and with what?
  std::optional<Refusal> descriptor_refusal(ProcessId process) const;

  // ---- socket calls. A call on a closed or unknown socket is EBADF, as one of a process that has ended; beside that:
  // EMFILE (Limit::fd_per_process), ENFILE (Limit::fd_per_host).
  Outcome<SocketId> socket(ProcessId process, Family family, SocketType type);
  // ENOPROTOOPT (the socket or the system has no such option; SO_ERROR and SO_ACCEPTCONN cannot be set), EINVAL (a
  // value that the option does not take; IPV6_V6ONLY of a socket with a port), EPERM (IP_TRANSPARENT, or another
  // device, without privilege), ENODEV (SO_BINDTODEVICE).
  // TCP_SYNCNT, TCP_KEEPIDLE and their kin on a datagram socket: ENOPROTOOPT; out of their range: EINVAL.
  Outcome<void> set_option(SocketId socket, Option option, std::int64_t value);
  // The same for a socket that may have a connection: what the option changes there begins now.
  Outcome<void> set_option(SocketId socket, Option option, std::int64_t value, SimTime now, Effects& effects);
  // Is it an option that this socket can be asked to change? Tested before its value is looked at: ENOPROTOOPT.
  Outcome<void> has_option(SocketId socket, Option option) const;
  // Option::error clears the pending error: 0, or one more than the number of the Error. ENOPROTOOPT (EOPNOTSUPP for
  // IPV6_V6ONLY of an IPv4 socket, and for options of TCP of an IPv4 datagram socket). SO_RCVBUF and SO_SNDBUF: 0 where
  // the kernel has chosen a size by itself.
  Outcome<std::int64_t> get_option(SocketId socket, Option option);
  Outcome<std::optional<Error>> take_error(SocketId socket);  // SO_ERROR with its value as an Error
  // What check_bind_address() refuses; EADDRINUSE: Limit::port_in_use, or with port 0 Limit::ephemeral_ports.
  Outcome<void> bind(SocketId socket, Endpoint local, PortDraw draw);
  // EOPNOTSUPP (a datagram socket), EINVAL (connected, connecting), EADDRINUSE as bind().
  Outcome<void> listen(SocketId socket, std::int64_t backlog, PortDraw draw);
  // Starts a TCP connection (the result comes as a notice; on loopback the SYN is in effects.segments like any other)
  // or sets a UDP socket's peer at once. EAFNOSUPPORT or EINVAL (the other family), ENETUNREACH (Limit::no_route) and
  // what else routing refuses, EADDRNOTAVAIL (Limit::ephemeral_ports; Limit::four_tuple from a bound port).
  // TCP, once more: EISCONN (connected, listening), EALREADY (under way), the error of one that failed, EINVAL (shut
  // down). UDP: EAGAIN (Limit::ephemeral_ports), EACCES (broadcast).
  Outcome<void> connect(SocketId socket, Endpoint remote, PortDraw draw, SimTime now, Effects& effects);
  Outcome<void> disconnect(SocketId socket, SimTime now, Effects& effects);  // connect() to AF_UNSPEC
  // EMFILE and ENFILE, before the queue is looked at; EAGAIN (nothing waits), EINVAL (not listening), EOPNOTSUPP (a
  // datagram socket).
  Outcome<SocketId> accept(SocketId listener, SimTime now, Effects& effects);
  // The same by a process that shares the listener.
  Outcome<SocketId> accept_in(SocketId listener, ProcessId process, SimTime now, Effects& effects);
  Outcome<Endpoint> local_name(SocketId socket) const;  // getsockname
  Outcome<Endpoint> peer_name(SocketId socket) const;   // getpeername: ENOTCONN
  // The pending error of the socket first. TCP: EAGAIN (connecting), EPIPE (not open for sending). UDP: as connect(),
  // and EMSGSIZE, EDESTADDRREQ (no peer), EINVAL (port 0), EPIPE (shut down).
  Outcome<std::uint32_t> send(SocketId socket, std::uint32_t bytes, std::optional<Endpoint> to, PortDraw draw,
                              SimTime now, Effects& effects);
  // One recv() with a large buffer. 0: end of stream. EAGAIN: nothing there. The pending error of the socket; ENOTCONN
  // (listening, closed).
  Outcome<std::uint32_t> receive_data(SocketId socket, SimTime now, Effects& effects);
  // ENOTCONN (the socket keeps the mark all the same).
  Outcome<void> shutdown(SocketId socket, bool read, bool write, SimTime now, Effects& effects);
  Outcome<void> close(SocketId socket, SimTime now, Effects& effects);
  // A connection that is there already (model/sockets/held_connection.hpp). EADDRNOTAVAIL: its four-tuple is taken
  // (Limit::four_tuple), or there is no room for its entry (Limit::time_wait_buckets).
  Outcome<SocketId> hold_connection(ProcessId process, const HeldConnection& held, SimTime now, Effects& effects);
  // Shares a listener with another process (an inherited descriptor): both hold a descriptor for the same socket.
  // EMFILE.
  Outcome<void> inherit(SocketId socket, ProcessId by);

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
  // What connect() of a socket without an address would take. Refuses as routing does.
  Outcome<IpAddress> source_towards(IpAddress destination) const;
  void deliver(const Segment& segment, SimTime now, Effects& effects);
  void on_timer(const TimerRequest& timer, SimTime now, Effects& effects);  // one that is outdated does nothing
  // The host loses power: every socket is gone without a word, and every process has ended.
  void lose_everything();

  // ---- observation
  bool alive(SocketId socket) const;       // known in any state, TIME_WAIT included
  SocketView view(SocketId socket) const;  // Requires: alive(socket).
  std::vector<SocketId> sockets() const;   // in the order of their creation, TIME_WAIT entries included
  DescriptorUse descriptors(ProcessId process) const;
  DescriptorUse files() const;              // the host's file table: open files of all processes, fs.file-max
  std::uint64_t time_wait_count() const;    // sockets in TIME_WAIT
  std::uint64_t time_wait_entries() const;  // those, and light ones in FIN_WAIT_2: net.ipv4.tcp_max_tw_buckets
  std::uint64_t peak_time_wait_entries() const;
  const HostCounters& counters() const;
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
