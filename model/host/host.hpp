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
#include <string_view>
#include <vector>

#include "model/net/endpoint.hpp"
#include "model/net/segment.hpp"
#include "model/net/time.hpp"
#include "model/ports/port_lot.hpp"
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
  // A connection that is there already (model/sockets/held_connection.hpp). EADDRNOTAVAIL when its four-tuple is taken.
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
