// Dump and deletion of ctnetlink entries through libnl, and their attributes as four-tuples.
#include "live/sandbox/conntrack.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "live/sandbox/netlink_object.hpp"

namespace netlimits::live {
namespace {

IpAddress v6_of(const nlattr* attribute) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), nla_data(attribute), bytes.size());
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) high = high << 8U | bytes.at(i);
  for (std::size_t i = 8; i < 16; ++i) low = low << 8U | bytes.at(i);
  return IpAddress::v6(high, low);
}

// Source and destination of one direction; nothing for what is not TCP.
std::optional<FourTuple> tuple_in(nlattr* nested) {
  std::array<nlattr*, CTA_TUPLE_MAX + 1> tuple{};
  std::array<nlattr*, CTA_IP_MAX + 1> ip{};
  std::array<nlattr*, CTA_PROTO_MAX + 1> protocol{};
  if (nested == nullptr || nla_parse_nested(tuple.data(), CTA_TUPLE_MAX, nested, nullptr) < 0) return std::nullopt;
  if (tuple[CTA_TUPLE_IP] == nullptr || tuple[CTA_TUPLE_PROTO] == nullptr) return std::nullopt;
  if (nla_parse_nested(ip.data(), CTA_IP_MAX, tuple[CTA_TUPLE_IP], nullptr) < 0) return std::nullopt;
  if (nla_parse_nested(protocol.data(), CTA_PROTO_MAX, tuple[CTA_TUPLE_PROTO], nullptr) < 0) return std::nullopt;
  if (protocol[CTA_PROTO_NUM] == nullptr || nla_get_u8(protocol[CTA_PROTO_NUM]) != IPPROTO_TCP) return std::nullopt;
  if (protocol[CTA_PROTO_SRC_PORT] == nullptr || protocol[CTA_PROTO_DST_PORT] == nullptr) return std::nullopt;
  FourTuple found;
  found.local.port = Port{ntohs(nla_get_u16(protocol[CTA_PROTO_SRC_PORT]))};
  found.remote.port = Port{ntohs(nla_get_u16(protocol[CTA_PROTO_DST_PORT]))};
  if (ip[CTA_IP_V4_SRC] != nullptr && ip[CTA_IP_V4_DST] != nullptr) {
    found.local.address = IpAddress::v4(ntohl(nla_get_u32(ip[CTA_IP_V4_SRC])));
    found.remote.address = IpAddress::v4(ntohl(nla_get_u32(ip[CTA_IP_V4_DST])));
    return found;
  }
  if (ip[CTA_IP_V6_SRC] == nullptr || ip[CTA_IP_V6_DST] == nullptr) return std::nullopt;
  found.local.address = v6_of(ip[CTA_IP_V6_SRC]);
  found.remote.address = v6_of(ip[CTA_IP_V6_DST]);
  return found;
}

// From the first FIN on, or a reset (linux/netfilter/nf_conntrack_tcp.h).
bool is_closing(nlattr* nested) {
  std::array<nlattr*, CTA_PROTOINFO_MAX + 1> info{};
  std::array<nlattr*, CTA_PROTOINFO_TCP_MAX + 1> tcp{};
  if (nested == nullptr || nla_parse_nested(info.data(), CTA_PROTOINFO_MAX, nested, nullptr) < 0) return false;
  if (info[CTA_PROTOINFO_TCP] == nullptr) return false;
  if (nla_parse_nested(tcp.data(), CTA_PROTOINFO_TCP_MAX, info[CTA_PROTOINFO_TCP], nullptr) < 0) return false;
  if (tcp[CTA_PROTOINFO_TCP_STATE] == nullptr) return false;
  const std::uint8_t state = nla_get_u8(tcp[CTA_PROTOINFO_TCP_STATE]);
  return state >= TCP_CONNTRACK_FIN_WAIT && state <= TCP_CONNTRACK_CLOSE;
}

struct FlowVisitor {
  const std::function<void(const TrackedFlow&)>* visit;
};

int on_flow(nl_msg* message, void* argument) {
  nlmsghdr* header = nlmsg_hdr(message);
  if (header->nlmsg_type != ((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_NEW)) return NL_OK;
  std::array<nlattr*, CTA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(nfgenmsg), attributes.data(), CTA_MAX, nullptr) < 0) return NL_OK;
  const auto original = tuple_in(attributes[CTA_TUPLE_ORIG]);
  const auto reply = tuple_in(attributes[CTA_TUPLE_REPLY]);
  if (original && reply)
    (*static_cast<FlowVisitor*>(argument)->visit)({*original, *reply, is_closing(attributes[CTA_PROTOINFO])});
  return NL_OK;
}

SystemResult<NetlinkObject<nl_sock>> open_tracking() {
  NetlinkObject<nl_sock> socket(nl_socket_alloc());
  if (!socket) return netlink_failure("connection tracking", -NLE_NOMEM);
  if (const int code = nl_connect(socket.get(), NETLINK_NETFILTER); code < 0)
    return netlink_failure("connection tracking", code);
  return socket;
}

NetlinkObject<nl_msg> message_about(int type, int flags, Family family, bool any_family) {
  NetlinkObject<nl_msg> message(nlmsg_alloc_simple((NFNL_SUBSYS_CTNETLINK << 8) | type, flags));
  nfgenmsg header{};
  header.nfgen_family =
      static_cast<std::uint8_t>(any_family ? AF_UNSPEC : (family == Family::inet ? AF_INET : AF_INET6));
  header.version = NFNETLINK_V0;
  if (message && nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO) < 0) message.reset();
  return message;
}

void put_address(nl_msg* message, int v4, int v6, const IpAddress& address) {
  if (address.is_v4()) {
    nla_put_u32(message, v4, htonl(address.v4_bits()));
    return;
  }
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes.at(i) = static_cast<std::uint8_t>(address.high() >> (56 - 8 * i));
    bytes.at(8 + i) = static_cast<std::uint8_t>(address.low() >> (56 - 8 * i));
  }
  nla_put(message, v6, static_cast<int>(bytes.size()), bytes.data());
}

void put_tuple(nl_msg* message, int direction, const FourTuple& flow) {
  nlattr* tuple = nla_nest_start(message, direction | NLA_F_NESTED);
  nlattr* ip = nla_nest_start(message, CTA_TUPLE_IP | NLA_F_NESTED);
  put_address(message, CTA_IP_V4_SRC, CTA_IP_V6_SRC, flow.local.address);
  put_address(message, CTA_IP_V4_DST, CTA_IP_V6_DST, flow.remote.address);
  nla_nest_end(message, ip);
  nlattr* protocol = nla_nest_start(message, CTA_TUPLE_PROTO | NLA_F_NESTED);
  nla_put_u8(message, CTA_PROTO_NUM, IPPROTO_TCP);
  nla_put_u16(message, CTA_PROTO_SRC_PORT, htons(flow.local.port.value));
  nla_put_u16(message, CTA_PROTO_DST_PORT, htons(flow.remote.port.value));
  nla_nest_end(message, protocol);
  nla_nest_end(message, tuple);
}

// From 100.64.0.0/10 (RFC 6598) to one of its addresses: a port of each for each.
FourTuple flow_of_nobody(std::uint64_t number) {
  constexpr std::uint64_t ports = 65535;
  FourTuple flow;
  flow.local = {IpAddress::v4(0x64400001U + static_cast<std::uint32_t>(number / ports)),
                Port{static_cast<std::uint16_t>(number % ports + 1)}};
  flow.remote = {IpAddress::v4(0x647fff01U), Port{9}};
  return flow;
}

// Only the last one is waited for: its answer tells of all before it, as the first refusal comes before that.
SystemResult<void> track(nl_sock* socket, const FourTuple& flow, bool last) {
  const NetlinkObject<nl_msg> request =
      message_about(IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL | (last ? NLM_F_ACK : 0), Family::inet, false);
  if (!request) return netlink_failure("connection tracking", -NLE_NOMEM);
  put_tuple(request.get(), CTA_TUPLE_ORIG, flow);
  put_tuple(request.get(), CTA_TUPLE_REPLY, flow.reversed());
  constexpr std::uint32_t for_ever = 432000;
  nla_put_u32(request.get(), CTA_TIMEOUT, htonl(for_ever));
  nla_put_u32(request.get(), CTA_STATUS, htonl(IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED));
  nlattr* info = nla_nest_start(request.get(), CTA_PROTOINFO | NLA_F_NESTED);
  nlattr* tcp = nla_nest_start(request.get(), CTA_PROTOINFO_TCP | NLA_F_NESTED);
  nla_put_u8(request.get(), CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
  nla_nest_end(request.get(), tcp);
  nla_nest_end(request.get(), info);
  int code = nl_send_auto(socket, request.get());
  if (code < 0) return netlink_failure("track a connection", code);
  if (!last) return {};
  code = nl_wait_for_ack(socket);
  if (code < 0) return netlink_failure("track a connection", code);
  return {};
}

}  // namespace

SystemResult<void> each_tracked_flow(const std::function<void(const TrackedFlow&)>& visit) {
  auto socket = open_tracking();
  if (!socket) return tl::unexpected(socket.error());
  nl_socket_set_buffer_size(socket->get(), 1 << 20, 0);
  nl_socket_set_msg_buf_size(socket->get(), 1 << 17);
  FlowVisitor visitor{&visit};
  nl_socket_modify_cb(socket->get(), NL_CB_VALID, NL_CB_CUSTOM, on_flow, &visitor);
  const NetlinkObject<nl_msg> request = message_about(IPCTNL_MSG_CT_GET, NLM_F_DUMP, Family::inet, true);
  if (!request) return netlink_failure("connection tracking", -NLE_NOMEM);
  int code = nl_send_auto(socket->get(), request.get());
  if (code < 0) return netlink_failure("list tracked connections", code);
  code = nl_recvmsgs_default(socket->get());
  if (code < 0 && code != -NLE_DUMP_INTR) return netlink_failure("list tracked connections", code);
  return {};
}

SystemResult<void> track_flows_of_nobody(std::uint64_t count) {
  auto socket = open_tracking();
  if (!socket) return tl::unexpected(socket.error());
  nl_socket_disable_auto_ack(socket->get());
  nl_socket_disable_seq_check(socket->get());
  for (std::uint64_t i = 0; i < count; ++i) {
    if (auto made = track(socket->get(), flow_of_nobody(i), i + 1 == count); !made) return made;
  }
  return {};
}

SystemResult<void> forget_tracked_flows(const std::vector<FourTuple>& flows) {
  auto socket = open_tracking();
  if (!socket) return tl::unexpected(socket.error());
  for (const FourTuple& flow : flows) {
    const NetlinkObject<nl_msg> request =
        message_about(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow.local.address.family(), false);
    if (!request) return netlink_failure("connection tracking", -NLE_NOMEM);
    put_tuple(request.get(), CTA_TUPLE_ORIG, flow);
    int code = nl_send_auto(socket->get(), request.get());
    if (code < 0) return netlink_failure("forget a tracked connection", code);
    code = nl_wait_for_ack(socket->get());
    if (code < 0 && code != -NLE_OBJ_NOTFOUND) return netlink_failure("forget a tracked connection", code);
  }
  return {};
}

}  // namespace netlimits::live
