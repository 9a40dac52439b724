using System.Security.Cryptography;
using System.Text;

namespace MailOperator.Api;

/// <summary>What is kept of the token of an invitation's link.</summary>
internal static class InvitationTokens
{
    /// <summary>
    /// <c>status.tokenHash</c>: SHA-256 of the token as it stands in the link, so that <c>printf %s TOKEN | sha256sum</c> gives
    /// the same. A plain hash is enough for 256 random bits: nobody guesses them.
    /// </summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
}
