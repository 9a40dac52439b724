using System.Formats.Asn1;

namespace MailOperator.Backends.Ldap.Protocol;

internal sealed record DeleteOperation(string Dn) : LdapOperation(Dn)
{
    public override void Write(AsnWriter writer) =>
        writer.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(Dn), Request(10, isConstructed: false));
}
