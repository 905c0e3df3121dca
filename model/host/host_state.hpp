// What a Host holds, and the steps that several of its calls share. Private to model/host*.cpp.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/addresses/own_addresses.hpp"
#include "model/host/host.hpp"
#include "model/ports/automatic_bind_port.hpp"
#include "model/ports/automatic_connect_port.hpp"
#include "model/ports/bind_conflict.hpp"
#include "model/ports/port_table.hpp"
#include "model/ports/port_views.hpp"
#include "model/sockets/descriptor_table.hpp"
#include "model/sockets/listener_table.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/sockets/tuple_table.hpp"

namespace netlimits {

struct Host::State {
  explicit State(std::shared_ptr<const HostConfig> own_config);

  // ---- configuration
  std::shared_ptr<const HostConfig> config;
  std::unique_ptr<Settings> written;  // nothing until a setting is written
  const Settings& settings() const { return written ? *written : config->settings; }
  const OsProfile& profile() const;
  const Rules& rules() const { return profile().rules; }

  // ---- what there is
  struct Process {
    ProcessConfig config;
    DescriptorTable descriptors;
    bool alive = true;
  };
  struct Inherited {  // a descriptor beside the one of SocketRecord::process
    SocketIndex socket;
    std::uint32_t process;
    std::uint32_t number;
  };

  // A choice from more ports than this is accounted for only as far as it had to look.
  static constexpr std::uint32_t few_ports = 64;
  // What an automatic choice can give under one draw or another.
  struct PortChoices {
    std::vector<Port> ports{};  // rising
    bool may_find_none = false;
    bool holds(Port port) const { return std::find(ports.begin(), ports.end(), port) != ports.end(); }
  };

  OwnAddresses addresses;
  std::vector<Process> processes;
  SocketTable sockets;
  TupleTable tuples;
  PortTable ports;
  std::unique_ptr<PortTable> datagram_ports;  // UDP has ports of its own
  std::uint32_t datagram_groups = 0;          // SO_REUSEPORT groups of datagram sockets that there have been
  std::int64_t datagram_first = 0;            // DatagramPlace: the latest first place that was given
  std::int64_t datagram_last = 0;             // ... and the latest last one
  ListenerTable listeners;
  PortViews views;
  std::vector<SocketExtras> extras;
  std::vector<std::uint32_t> free_extras;
  std::vector<Inherited> inherited;
  std::vector<AddressBits> known_peers;  // sorted; kept only without syncookies
  std::uint64_t open_files = 0;
  std::uint64_t peak_files = 0;
  std::uint64_t time_waits = 0;
  std::uint64_t peak_time_waits = 0;
  std::uint64_t orphans = 0;
  bool devices_used = false;  // some socket has had SO_BINDTODEVICE: four-tuples may then be there twice
  HostCounters counters;
  mutable RuleSet reached;  // an account for reports: no rule looks at it
  void mark(Rule rule) const { reached.mark(rule); }
  void mark_if(bool decided, Rule rule) const {
    if (decided) mark(rule);
  }
  // While it lives, what is looked at decides nothing: the account stays as it was.
  class Unaccounted {
   public:
    explicit Unaccounted(const State& state) : state_(state), before_(state.reached) {}
    Unaccounted(const Unaccounted&) = delete;
    Unaccounted& operator=(const Unaccounted&) = delete;
    ~Unaccounted() { state_.reached = before_; }

   private:
    const State& state_;
    RuleSet before_;
  };

  // ---- descriptors (host_processes.cpp)
  std::optional<Refusal> descriptor_refusal(std::uint32_t process) const;
  std::uint32_t open_descriptor(std::uint32_t process);  // its number
  void open_file(std::uint64_t count = 1);
  void close_file(std::uint64_t count = 1) { open_files -= count; }
  std::uint32_t uid_of(const SocketRecord& record) const { return processes[record.process].config.uid; }
  bool privileged(const SocketRecord& record) const { return processes[record.process].config.privileged; }
  // A process's sockets with their numbers, the highest first: the order of closing at exit.
  std::vector<std::pair<std::uint32_t, SocketIndex>> descriptors_of(std::uint32_t process) const;
  // Gives up one descriptor: the socket lives on while others refer to it.
  void close_from(SocketIndex index, std::uint32_t process, SimTime now, Effects& effects);

  // ---- sockets
  // The socket behind a descriptor, or EBADF.
  Outcome<SocketIndex> open_socket(SocketId id) const;
  SocketExtras& extras_of(SocketIndex index);
  const SocketExtras* extras_if_any(const SocketRecord& record) const {
    return record.extras == no_extras ? nullptr : &extras[record.extras];
  }
  void drop_extras(SocketRecord& record);
  // IP_LOCAL_PORT_RANGE; 0 where the socket or the system has none.
  std::uint32_t port_range_option(const SocketRecord& record) const {
    const SocketExtras* own = extras_if_any(record);
    return own == nullptr || !rules().socket_port_range ? 0 : own->port_range;
  }
  // The range of the socket's automatic choices.
  PortRange automatic_range(const SocketRecord& record) const;

  // ---- ports (host_bind.cpp, host_bind_port.cpp)
  // Takes the port (0: an automatic one) for the socket, or only tests it again for a socket that has one (listen).
  Outcome<void> get_port(SocketIndex index, std::uint16_t port, const PortLot& lot, Rule rule);
  void hold_port(SocketIndex index, std::uint16_t port, PortTable::Claim claim);
  void release_port(SocketIndex index);
  void set_local(SocketIndex index, AddressBits address);
  void reset_local(SocketIndex index);  // back to the wildcard, unless bind() set it
  bool never_automatic(std::uint16_t port) const;
  // Linux: no bind-bound owner. FreeBSD: no listener on a wildcard address.
  bool open_to_automatic_connect(std::uint16_t port) const {
    return rules().connect_skips_bind_bound ? ports.open_to_connect(port) : !listeners.wildcard_listener(sockets, port);
  }
  // Does the owner keep the newcomer from its port, when asked for by number?
  bool in_the_way(const SocketRecord& newcomer, const SocketRecord& owner) const;
  bool autobind_reuse() const {
    return settings().autobind_reuse && rules().has(KernelRule::autobind_reuse_adds_a_pass);
  }
  bool conflicts_automatically(const SocketRecord& newcomer, std::uint16_t port, bool relaxed) const;
  bool acceptable_for_bind(const SocketRecord& newcomer, std::uint16_t port, bool relaxed) const;
  BindWalkShape bind_shape(const SocketRecord& record) const;
  std::optional<Port> choose_bind_port(SocketIndex index, const PortLot& lot);
  PortChoices possible_bind_ports(const SocketRecord& record) const;
  std::optional<Port> draw_bind_port(const SocketRecord& record, std::uint32_t offset);
  void mark_bind_choice(const SocketRecord& record, std::optional<Port> chosen) const;

  // ---- outbound ports (host_connect_port.cpp)
  struct Destination {
    AddressBits local;
    AddressBits remote;
    std::uint16_t remote_port;
  };
  ConnectWalkShape connect_shape(const SocketRecord& record) const;
  // Is the four-tuple free for the socket, or held by an entry that may be taken over?
  SocketIndex tuple_holder(const SocketRecord& record, const Destination& to, std::uint16_t port) const;
  bool acceptable_for_connect(const SocketRecord& record, const Destination& to, std::uint16_t port, SimTime now) const;
  std::optional<Port> choose_connect_port(const SocketRecord& record, const Destination& to, const PortLot& lot,
                                          SimTime now);
  std::optional<Port> draw_connect_port(const SocketRecord& record, const Destination& to, std::uint32_t offset,
                                        SimTime now);
  bool possible_for_connect(const SocketRecord& record, const Destination& to, Port wanted, SimTime now) const;
  PortChoices possible_connect_ports(const SocketRecord& record, const Destination& to, SimTime now) const;
  void mark_connect_choice(const SocketRecord& record, const Destination& to, const ConnectWalkShape& shape,
                           std::optional<Port> chosen, SimTime now) const;

  // ---- connect() (host_connect.cpp)
  Outcome<Route> route_for(const SocketRecord& record, Endpoint remote, bool connecting = true) const;
  Outcome<void> start_connection(SocketIndex index, Endpoint remote, const PortLot& lot, SimTime now, Effects& effects);

  // ---- keeping the views up to date (host_views.cpp)
  void tuple_in(SocketIndex index);   // after the four-tuple came
  void tuple_out(SocketIndex index);  // after it went
  void time_wait_began(SocketIndex index);
  void owners_changed(const SocketRecord& owner, std::uint16_t port, bool was_open);
  void recheck_port(std::uint16_t port);
  TupleView& tuple_view_of(const Destination& to, SimTime now);
  OwnerView& owner_view_of(const SocketRecord& newcomer, OwnerRule rule);
  bool blocked_in(const TupleView& view, std::uint16_t port) const;
  bool blocked_in(const OwnerView& view, std::uint16_t port) const;
  template <class Visit>
  void each_never_automatic(Visit&& visit) const;
  bool views_usable(const SocketRecord& record) const { return !devices_used && record.device == 0; }
  OwnerRule bind_rule() const {
    return rules().bound_sharing == PortSharing::host_port ? OwnerRule::any_owner : OwnerRule::overlapping_address;
  }

  // ---- life and death of connections (host_states.cpp)
  static Segment segment_of(const SocketRecord& record);
  void send(const SocketRecord& from, Segment segment, Effects& effects) const;
  void send_syn(const SocketRecord& record, Effects& effects) const;
  enum class SynAckKind : std::uint8_t { sure, in_doubt, cookie };  // in_doubt: its ACK may find the accept queue full
  void send_synack(const SocketRecord& record, SynAckKind kind, Effects& effects) const;
  void send_ack(const SocketRecord& record, Effects& effects) const;
  void send_fin(const SocketRecord& record, bool cookie, Effects& effects) const;
  void send_payload(const SocketRecord& record, std::uint32_t bytes, Effects& effects) const;
  void send_reset(const SocketRecord& record, Effects& effects) const;
  void answer_with_reset(const Segment& to, Effects& effects) const;
  void acknowledge_for_entry(const SocketRecord& entry, Effects& effects) const;
  bool answers(const FourTuple& from) const;
  void set_timer(SocketIndex index, TimerKind kind, SimTime at, Effects& effects);
  void notify(SocketIndex index, NoticeKind kind, Effects& effects, std::optional<Refusal> error = std::nullopt) const;

  void set_closed(SocketIndex index);                             // tcp_set_state(TCP_CLOSE)
  void finish(SocketIndex index, SimTime now, Effects& effects);  // tcp_done
  void destroy(SocketIndex index);
  void destroy_with_notice(SocketIndex index, Effects& effects);
  void disconnect(SocketIndex index, SimTime now, Effects& effects);  // tcp_disconnect
  void fail_connection(SocketIndex index, Refusal why, SimTime now, Effects& effects);
  void reset_by_peer(SocketIndex index, SimTime now, Effects& effects);
  void enter_time_wait(SocketIndex index, bool light, Duration lasting, SimTime now, Effects& effects);
  void enter_fin_wait_2(SocketIndex index, SimTime now, Effects& effects);
  void become_orphan(SocketIndex index, SimTime now, Effects& effects);
  void close_last(SocketIndex index, SimTime now, Effects& effects);      // the last descriptor is gone
  void start_closing(SocketIndex index, SimTime now, Effects& effects);   // sends the FIN, if one is due
  void stop_listening(SocketIndex index, SimTime now, Effects& effects);  // refuses what waits in the accept queue
  void remember_peer(const SocketRecord& record);
  bool too_many_orphans() const { return orphans > settings().max_orphans; }

  // ---- arriving segments (host_segments.cpp, host_handshake.cpp)
  void deliver_stream(const Segment& segment, SimTime now, Effects& effects);
  void deliver_to_listener(const Segment& segment, const TupleKey& key, bool over_time_wait, SimTime now,
                           Effects& effects);
  void deliver_syn(SocketIndex listener, const Segment& segment, bool over_time_wait, SimTime now, Effects& effects);
  void deliver_to_request(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void deliver_to_connecting(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void deliver_to_connection(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void deliver_to_time_wait(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void take_payload_and_fin(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void connection_completed(SocketIndex index, Effects& effects);
  void make_child(SocketIndex listener, SocketIndex request, const Segment& segment, SimTime now, Effects& effects);
  void overflow(SocketIndex listener, Limit queue, const Segment& segment, Effects& effects);
  void drop_request(SocketIndex index);
  void queue_child(SocketIndex listener, SocketIndex child, Effects& effects);
  SocketIndex listener_of(const SocketRecord& request) const;
  bool accept_queue_full(const SocketRecord& listener) const;
  std::uint8_t arriving_device(const Segment& segment) const;

  // ---- a client whose connection may be known to nobody (host_client_in_doubt.cpp)
  void send_in_doubt(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects);
  void finish_in_doubt(SocketIndex index, SimTime now, Effects& effects);
  void data_timer(SocketIndex index, SimTime now, Effects& effects);

  // ---- timers (host_timers.cpp)
  void syn_timer(SocketIndex index, SimTime now, Effects& effects);
  void synack_timer(SocketIndex index, SimTime now, Effects& effects);

  // ---- datagrams (host_datagrams.cpp)
  PortTable& udp();
  Outcome<void> get_datagram_port(SocketIndex index, std::uint16_t port, const PortLot& lot);
  bool datagram_conflict(const SocketRecord& newcomer, SocketIndex self, std::uint16_t port, bool automatic) const;
  std::vector<Port> possible_datagram_ports(const SocketRecord& record) const;
  Outcome<void> connect_datagram(SocketIndex index, Endpoint remote, const PortLot& lot);
  void disconnect_datagram(SocketIndex index);
  Outcome<std::uint32_t> send_datagram(SocketIndex index, std::uint32_t bytes, const std::optional<Endpoint>& to,
                                       const PortLot& lot, Effects& effects);
  Outcome<std::uint32_t> receive_datagram(SocketIndex index);
  void join_datagram_group(SocketIndex index);
  void file_by_tuple(SocketIndex index);
  void move_datagram_place(SocketIndex index);
  SocketIndex datagram_receiver(const TupleKey& key, std::uint8_t device) const;
  void deliver_datagram(const Segment& segment, Effects& effects);
};

}  // namespace netlimits
