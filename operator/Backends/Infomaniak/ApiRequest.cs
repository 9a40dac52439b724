using System.Buffers;
using System.Globalization;
using System.Text.Json;
using MailOperator.Api;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// A request to the API. All requests are made here, because a DELETE must name one device by its number: the same path
/// without a number deletes all of them.
/// </summary>
/// <param name="method">HTTP method.</param>
/// <param name="path">Path and query, relative to the URL of the API.</param>
/// <param name="what">What it does, for "Infomaniak did not …".</param>
/// <param name="names">The fields of the spec that it depends on, for messages.</param>
internal sealed class ApiRequest(HttpMethod method, string path, string what, string names)
{
    private const string Mailbox = "spec.mailbox or the MailBackend's spec.infomaniak.serviceId";
    private const string Devices = "/1/mail_hostings/accesses/devices";
    private const int PerPage = 100;

    public HttpMethod Method => method;

    public string Path => path;

    public string What => what;

    public string Names => names;

    /// <summary>JSON.</summary>
    public byte[]? Body { get; init; }

    // A change, a read and another change must fit into one call to a backend.
    public TimeSpan Timeout => Method == HttpMethod.Get ? TimeSpan.FromSeconds(3) : TimeSpan.FromSeconds(5);

    /// <summary>The smallest request that checks whether the token may use the API.</summary>
    public static ApiRequest Probe { get; } =
        new(
            HttpMethod.Get, $"{Devices}?page=1&per_page=1", "list the token's devices",
            "the MailBackend's spec.infomaniak.url");

    public static ApiRequest List(InfomaniakSpec spec, string mailbox, int page) => new(
        HttpMethod.Get,
        $"{Accesses(spec, mailbox)}?with=device,user_access&order_by=label&page={page}&per_page={PerPage}",
        $"list the devices of {mailbox}",
        Mailbox);

    public static ApiRequest Create(InfomaniakSpec spec, Slot slot) =>
        new(
            HttpMethod.Post,
            Accesses(spec, slot.Mailbox),
            $"make a password for {slot.Mailbox}",
            $"{Mailbox}, or the MailUser's spec.externalId")
        {
            Body = Json(json =>
            {
                json.WriteString("label", DeviceLabel.Of(slot).ToString());
                json.WriteString("protocols", DeviceAccess.ProtocolsOf(slot.Restrictions.Protocols));
                json.WriteString("type", DeviceAccess.TypeOf(slot.Device?.Type ?? DeviceType.Other));
                if (slot.Device?.UserId is { } user)
                {
                    json.WriteNumber("user_id", long.Parse(user, CultureInfo.InvariantCulture));
                }
                else
                {
                    json.WriteNull("user_id"); // omitted, it might mean the token's own user
                }
            }),
        };

    public static ApiRequest Regenerate(InfomaniakSpec spec, string mailbox, long access) =>
        new(HttpMethod.Post, $"{Accesses(spec, mailbox)}/{access}", $"make another password for {mailbox}", Mailbox);

    public static ApiRequest DeleteAccess(InfomaniakSpec spec, string mailbox, long access) =>
        new(HttpMethod.Delete, $"{Accesses(spec, mailbox)}/{access}", $"end a password of {mailbox}", Mailbox);

    public static ApiRequest Rename(long device, string label) =>
        new(HttpMethod.Patch, $"{Devices}/{device}", "rename a device", "spec.displayName")
        {
            Body = Json(json => json.WriteString("label", label)),
        };

    public static ApiRequest DeleteDevice(long device) =>
        new(HttpMethod.Delete, $"{Devices}/{device}", "remove a device", Mailbox);

    private static string Accesses(InfomaniakSpec spec, string mailbox)
    {
        string name = mailbox[..mailbox.LastIndexOf('@')];
        return name.All(static character => character == '.') // "." and ".." would change the path
            ? throw new MailBackendException(
                BackendFailure.MailboxNotFound, $"Infomaniak cannot have a mailbox {mailbox}; correct spec.mailbox.")
            : $"/1/mail_hostings/{spec.ServiceId}/mailboxes/{Uri.EscapeDataString(name)}/accesses/devices";
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
