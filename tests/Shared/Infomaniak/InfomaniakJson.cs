using System.Text.Json.Nodes;

namespace MailOperator.Tests.Infomaniak;

/// <summary>Accesses and devices as JSON in the form of the description.</summary>
internal static class InfomaniakJson
{
    /// <param name="access">The access.</param>
    /// <param name="hosting">The hosting.</param>
    /// <param name="with">
    /// The parameter <c>with</c> of the request, which names the related resources to include.
    /// </param>
    public static JsonObject Of(InfomaniakAccess access, InfomaniakHosting hosting, IReadOnlyCollection<string> with)
    {
        string address = $"{access.Mailbox}@{hosting.Domain}";
        bool isDeletable = access.Device.Type != "legacy";
        var json = new JsonObject
        {
            ["id"] = access.Id,
            ["protocols"] = access.Protocols,
            ["last_connection"] = access.LastConnection?.ToUnixTimeSeconds(),
            ["created_at"] = access.CreatedAt.ToUnixTimeSeconds(),
            ["status"] = access.Status,
            // The description requires them here but describes them one level below, so they are in both places.
            ["mailbox_name"] = access.Mailbox,
            ["mailbox_idn"] = address,
            ["service_mail_id"] = InfomaniakHosting.Id,
            ["can_delete"] = isDeletable,
            ["can_regenerate"] = true,
            ["mailbox"] = new JsonObject
            {
                ["mailbox_name"] = access.Mailbox,
                ["mailbox"] = address,
                ["mailbox_idn"] = address,
                ["service_mail_id"] = InfomaniakHosting.Id,
            },
            ["access_rights"] = new JsonObject { ["can_delete"] = isDeletable, ["can_regenerate"] = true },
        };
        if (with.Contains("device"))
        {
            json["device"] = Of(access.Device, hosting, []);
        }

        if (with.Contains("user_access") && access.Device.User is { } user)
        {
            json["user_access"] = Of(user);
        }

        if (with.Contains("creator"))
        {
            json["creator"] = Of(hosting.Administrator);
        }

        return json;
    }

    public static JsonObject Of(InfomaniakDevice device, InfomaniakHosting hosting, IReadOnlyCollection<string> with)
    {
        InfomaniakAccess[] accesses = [.. hosting.Accesses.Where(access => access.Device == device)];
        var json = new JsonObject
        {
            ["id"] = device.Id,
            ["label"] = device.Label,
            ["type"] = device.Type,
            ["created_at"] = device.CreatedAt.ToUnixTimeSeconds(),
            ["device_uid"] = device.Uid,
            ["count_accesses"] = accesses.Length,
            ["last_connection"] = accesses.Max(static access => access.LastConnection)?.ToUnixTimeSeconds(),
            ["locked_accesses_count"] = accesses.Count(static access => access.Status != "healthy"),
        };
        if (with.Contains("accesses"))
        {
            json["accesses"] = new JsonArray([.. accesses.Select(access => Of(access, hosting, []))]);
        }

        return json;
    }

    private static JsonObject Of(InfomaniakUser user) => new()
    {
        ["id"] = user.Id,
        ["email"] = user.Email,
        ["firstname"] = user.FirstName,
        ["lastname"] = user.LastName,
        ["avatarUrl"] = "",
    };
}
