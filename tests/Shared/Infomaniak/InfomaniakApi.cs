using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MailOperator.Tests.Infomaniak;

/// <summary>
/// The operations of the description, for one hosting. Returns the members of the envelope beside the result.
/// </summary>
internal sealed class InfomaniakApi(InfomaniakHosting hosting)
{
    private const string Root = "/1/mail_hostings";
    private const int UsualPerPage = 15;

    /// <exception cref="InfomaniakRefusal">It is refused.</exception>
    public JsonObject Answer(HttpRequest request, string body)
    {
        string[] steps = request.Path.Value!.StartsWith(Root, StringComparison.Ordinal)
            ? request.Path.Value[Root.Length..].Trim('/').Split('/')
            : [];
        return (request.Method, steps) switch
        {
            (_, [var service, ..]) when service != "accesses" && service != $"{InfomaniakHosting.Id}" =>
                throw new InfomaniakRefusal(404, "object_not_found"),
            ("GET", [_, "mailboxes", var mailbox, "accesses", "devices"]) => Accesses(request, mailbox, null),
            ("POST", [_, "mailboxes", var mailbox, "accesses", "devices"]) => Create(mailbox, body),
            ("DELETE", [_, "mailboxes", var mailbox, "accesses", "devices"]) =>
                Done(() => hosting.DeleteAll(mailbox, null)),
            ("GET", [_, "mailboxes", var mailbox, "accesses", "devices", "users", var user]) =>
                Accesses(request, mailbox, Number(user)),
            ("DELETE", [_, "mailboxes", var mailbox, "accesses", "devices", "users", var user]) =>
                Done(() => hosting.DeleteAll(mailbox, Number(user))),
            ("POST", [_, "mailboxes", var mailbox, "accesses", "devices", var access]) =>
                Password(hosting.Regenerate(mailbox, Number(access))),
            ("DELETE", [_, "mailboxes", var mailbox, "accesses", "devices", var access]) =>
                Done(() => hosting.Delete(mailbox, Number(access))),
            ("GET", [_, "accesses", "devices", "users", var user]) => Devices(request, Number(user)),
            ("GET", ["accesses", "devices"]) => Devices(request, hosting.Administrator.Id),
            ("DELETE", ["accesses", "devices"]) =>
                Done(() => hosting.DeleteDevices(device => device.User == hosting.Administrator)),
            ("DELETE", ["accesses", "devices", var device]) => Done(() => hosting.DeleteDevice(Number(device))),
            ("PATCH", ["accesses", "devices", var device]) =>
                Done(() => hosting.Rename(Number(device), (string?)Parsed(body)["label"] ?? throw Invalid())),
            _ => throw new InfomaniakRefusal(404, "route_not_found"),
        };
    }

    private static InfomaniakRefusal Invalid() => new(422, "validation_failed");

    private static int Number(string text) => int.TryParse(text, out int number) ? number : throw Invalid();

    private static JsonObject Done(Action act)
    {
        act();
        return new JsonObject { ["data"] = true };
    }

    private static JsonObject Password(InfomaniakAccess access) =>
        // Without an id, which only a list returns.
        new() { ["data"] = new JsonObject { ["password"] = access.Password } };

    private static JsonObject Parsed(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? throw Invalid();
        }
        catch (System.Text.Json.JsonException)
        {
            throw Invalid();
        }
    }

    private static string[] With(HttpRequest request) =>
        request.Query["with"].ToString().Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private JsonObject Create(string mailbox, string body)
    {
        JsonObject asked = Parsed(body);
        string? label = (string?)asked["label"];
        return (string?)asked["protocols"] is "imap" or "pop3" or "pop3-imap" && !(label?.Length > 255)
            ? Password(hosting.Create(
                mailbox, (string)asked["protocols"]!, label, (string?)asked["type"], (int?)asked["user_id"],
                (int?)asked["device_id"], (string?)asked["device_uid"]))
            : throw Invalid();
    }

    private JsonObject Accesses(HttpRequest request, string mailbox, int? userId)
    {
        IQueryCollection query = request.Query;
        string search = query["search"].ToString();
        int? asked = userId ?? (query["user_id"].ToString() is { Length: > 0 } id ? Number(id) : null);
        IEnumerable<InfomaniakAccess> found = hosting.List(mailbox)
            .Where(access => access.Device.Label.Contains(search, StringComparison.OrdinalIgnoreCase))
            .Where(access => query["type"].ToString() is var type && (type.Length == 0 || access.Device.Type == type))
            .Where(access => asked is null || access.Device.User?.Id == asked)
            .Where(access => query["no_user"].ToString() is not ("true" or "1") || access.Device.User is null);
        Func<InfomaniakAccess, string>? key = query["order_by"].ToString() switch
        {
            "label" => static access => access.Device.Label,
            "type" => static access => access.Device.Type,
            "user" => static access => access.Device.User?.LastName ?? "",
            _ => null,
        };
        found = key is null ? found : found.OrderBy(key, StringComparer.Ordinal);
        found = query["order"] == "desc" ? found.Reverse() : found;
        return Page(request, [.. found.Select(access => InfomaniakJson.Of(access, hosting, With(request)))]);
    }

    private JsonObject Devices(HttpRequest request, int userId) => Page(
        request,
        [.. hosting.Accesses.Select(static access => access.Device)
            .Distinct()
            .Where(device => device.User?.Id == userId)
            .Select(device => InfomaniakJson.Of(device, hosting, With(request)))]);

    /// <summary>All items, or with the parameter <c>page</c> a page and the total.</summary>
    private static JsonObject Page(HttpRequest request, JsonNode[] items)
    {
        if (request.Query["page"].ToString() is not { Length: > 0 } text)
        {
            return new JsonObject { ["data"] = new JsonArray(items) };
        }

        (int page, int perPage) = (
            Number(text), request.Query["per_page"].ToString() is { Length: > 0 } asked ? Number(asked) : UsualPerPage);
        return new JsonObject
        {
            ["data"] = new JsonArray([.. items.Skip((page - 1) * perPage).Take(perPage)]),
            ["total"] = items.Length,
            ["page"] = page,
            ["pages"] = Math.Max(1, (items.Length + perPage - 1) / perPage),
            ["items_per_page"] = perPage,
        };
    }
}
