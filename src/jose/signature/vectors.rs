//! Keys and signatures that other implementations made: from the RFCs, and with OpenSSL.

/// An RSA modulus; the exponent is 65537.
pub(crate) const RSA_N: &str = concat!(
    "5TnWooRSXM2bBt3NlFss1hepbEL5ZpubbOw2mOYYHhPAzmLATtRCKOgz0CdihAGj6lFv2e7X1jDoaNAaewPKSaSk1HUqNxK8D-NO",
    "Rdanh4e8LgbO2tnJyOc1FKe8jah4jgzHK33GIU2bvAej3spJissBhfNkqJBqQOakyPvFYKHCi9T9Jo-t1F_aR1WRQd3Kwfqm-14c",
    "VvltKJgCRi5vGPemdYil5gy-9dnqBnvCKPrC3Oe-XDvCGfVoaEDYQpg2Zy7aK6lIm7w64iHgL6ZQv5OX4l_LhV8yrimZvQBor3ma",
    "k1AAoRvK9-ynl3SRuc1e0TyI6P8TbqwrpbCyK7A3cQ",
);

/// Signatures of that key over `message`.
pub(crate) const RSA_SIGNATURES: [(&str, &str); 6] = [
    (
        "RS256",
        concat!(
            "R1ir4qEIPepkgpF7JqYfNpgN_d8ZLrDFvaqVO6lnW5NlxNO6f1SF_wugcfl1pT4H7Yg8mWc1jP3TPUoXEEaoNaBbN-WBsKeh7ZqN",
            "8V7Xw1EwRJ8efRYIbiLIP_WsBbPRDHImOmdHucCOoZJ9WKmXTBUN1YpdRFsWYLc8cBKVk88qilpnUEN8jfJ5uVecLVL2uZkD8enn",
            "woIMu-Z4NkGF6mpDdh6OlySxXYMtEY6fHZYcnVS-Kd-KhZgy-tDCSlYanb3vOuFCXWcU5C9HoCdjomvzs4krbkM38uRu7Gs_YLAz",
            "0Ccb1VvzjSIY9QqgCbnzAooZHeKUIRA1H2o7EE5L0Q",
        ),
    ),
    (
        "RS384",
        concat!(
            "D39KGrk0KPmDwoKHdrqi28jgGbYNmbKzQcQ_XRD8Q3ftkt4b87OPA_mbgn3Ln3CMSP_VlAd-DHyJH_0qiJuyb8sqmodw3el672-0",
            "gIMjC3qVohraCS_Wr2Sl95EGsS88beM_kMc13FDj1cBSRIvPvWKUpbu6eNhxUoi7CvTkgW09mDfld6ga4ALZ0FNtaTQb49O3VuP3",
            "ugxlV5zSKo5QgM5RVvJursSJ9IFp2pS_K_PYIfYNAVGn_AjL1P5IiXjRFC71qSAutv24ZA3FVcQL8pgL2UwotqubcL3DOgzVeQQx",
            "D9wKxLIfNx9MMN922m_hY85Lf5QXzyRabc74FuYEnw",
        ),
    ),
    (
        "RS512",
        concat!(
            "u_jkFw9hIrzfzzEvXJ1qB2a9nm8GGzTpWoVFFjaJv6BaDVcx4EG1yWlYO8nfN4blDJc42ZadpvudlRsBoPaEw8AGnFreHfPBB51r",
            "yZ9GwZvOnn1JB_HE-4mvlhRiGbtqu5UACKjosFA23cpjFO4--lyP1zTGyK9Q-RzxWDv_tr2AIEH5X34pO5fsBHNR4sCq30Xk1WoO",
            "P74A7BP-U2ZFmh9iaPsQBKtD2NxTWrwJ2i0d1jpHvj5-NZnjyqRcKmBa8R0ObUR7V-LF09g2it5vLbgF6E_Z_BwLfa4_HoBJpknq",
            "h_DhUM73qePurOmlnbFa9gOvYWvUp9L9-bMnetdNjg",
        ),
    ),
    (
        "PS256",
        concat!(
            "D5YZXJZDVuz1Y5euE8iNEL4hAqz3uTp92TVzqxd0ccCBhRnAtWz2FGOMC-i93N_omOaNTw2Z7COEDNTqwQH_QopUsKGroGScoeH4",
            "Lgbn3poT-7WJXNiZ8CPwy77f2kveLXu0gW7CE7QR81mLphtbAtK_hE-W0QYloyhIysi-DzX9xXwNJUVKLvOP90cmCgOkUimRsUoR",
            "mZ9hiEAI22MSfFdxlYnZFK_JiOl7ToLc_7e-vzhs4I4Cnpu8ukCVU0lgySt0h7MPnvAbx2BgUugL-QngsSoMvpXwHhBOwldo1sII",
            "pGAOKMWw248zcP2tLSnTyq6rqIKdO8irqkhqFWM5QQ",
        ),
    ),
    (
        "PS384",
        concat!(
            "qHBNtj-HbzBEASyI0Qm1z0Vb0CAJoNfZrdweX-wm7CKjDrHLrC38rpsxr8j8icbeKZ14benPg2cHA8Zv6u2okbuYsaKtz0oBQk1C",
            "HZOnsbe-E8dB57GLxFtQSwgkdXKcIN-maVfiey69U4haFukqig9DTqzVGVVsm5OjTs74rGczcl4L2a-CIWXdEwH_o0z8pStzIBiM",
            "o90YAetWbyQBC1h0bSSxAGBCoUNxx64nF0sQenjN9Rrn7G-lzy8QKFNPLTvQ6r2gVv8EqGI6WJu-OpWqrdvosYCMTP7DGvjqH3G5",
            "faS5ko25EXDX7yTS1sHW9fwEuWbxch_8WgtNuSF71w",
        ),
    ),
    (
        "PS512",
        concat!(
            "JK-UIGc7uzFjD82Qf0fIIYUv5hYyVBCfk3RmZXVLOthqhH0BJ0dud4MEVAYqcNHj17VSWEeHMlX6TLr8oo5nw2lTT0q8w-gCr86O",
            "oERdJjVUlJKgod229EDaXLFUj9vS5nNHNTEbJ-l4D2CPnVyzooCwvIkcg9b2wZQ6QURhanKWBILyuCPATrznbce7Q5XuIxk6F8PT",
            "Z0gAD4Jx6VntAGZ_Z9fUwKZvDbwjj8wxUYYP912rtInbYjnjVfygcrJrTtWTjXDUHWKs6t_w12bST3YJX9pa-D6F2aAWJgM2nm7c",
            "6Xb4zT6IKAoaP6uZiF7e1rMyW35w8QNQE_21s-u0bQ",
        ),
    ),
];

pub(crate) const P384_X: &str = "OGovqFzvXjdiUIp7xmixXLzKafaJHUre0uPm9JK5D1BtVKhCpQO--5wKmnVupoWY";
pub(crate) const P384_Y: &str = "_VirgpErzu8KK-6mTi7t4XAro1_V0ZSNQwTWpNLnVGoeuhKz5GO8vQbT9mqCMxd9";
/// Over `message`.
pub(crate) const P384_SIGNATURE: &str = concat!(
    "3y6wzIQnjUZ2W-qHT51hf0_Dur8y4FT6udZ_fNGQ7ck8qpq-M-zvFTSDsCfjIZeAaj_DuaIuQYWrSwJig0NXweRprzXrL-SQb8Gq",
    "GbftctwafJMX6ygwb7M7aApbNgTF",
);

/// RFC 7515 appendix A.3.
pub(crate) const P256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
pub(crate) const P256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
pub(crate) const P256_MESSAGE: &str = concat!(
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19",
    "yb290Ijp0cnVlfQ",
);
pub(crate) const P256_SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 7517 appendix A.1.
pub(crate) const P256_TWIN_X: &str = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
pub(crate) const P256_TWIN_Y: &str = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";

/// RFC 7515 appendix A.4. The first byte of `y` is zero.
pub(crate) const P521_X: &str =
    "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk";
pub(crate) const P521_Y: &str =
    "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2";
pub(crate) const P521_MESSAGE: &str = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA";
pub(crate) const P521_SIGNATURE: &str = concat!(
    "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCA",
    "PZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
);

/// RFC 8037 appendix A.4.
pub(crate) const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
pub(crate) const ED25519_MESSAGE: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
pub(crate) const ED25519_SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// The product of two primes of 1024 bits, each of which is a power of 65537 modulo the primes up
/// to 701 (CVE-2017-15361).
pub(crate) const ROCA_N: &str = concat!(
    "vxYtT8vvuZS7Ga8vv_IcJSteEYxuj1ImRrEPf8uZOFIaJym9N1f_MrsdjJHooHjkYI05WsX53iERSI5UvwvvS3VGO2JtBXGfBta0",
    "5v-0rlbPx3qp4uOGpzMzUucpj28Y8XAx4bD1rj2FSAxWkurRYtlqYYhGGZXBjOaoRxdYIoFhgbioM7bQoUKVrk_u5ifspGF8ZCNh",
    "PzQOyCIFvoXIJn4karkKOrTuRFM0m3oQOh-upNfrJScG_-gbnBPWz8sZw6yCdA6zousXF2ua-egbuBMx5Vp74B47kzH-jrGDd3TP",
    "SmG_WOirLBx6CDYtsi0eNkoeqN-3sFD4BiPbrzJlGw",
);
